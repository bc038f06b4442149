-- customer.last_window: each customer's orders in the newest stretch of time, as long as the time held out.
-- One row per customer with an order day in it that is not their first: nobody can repeat a first order.
-- Reads customer.days, customer.habit, judge.window, run.parameters.
--   customer_id: our id of the customer
--   orders: order days in the stretch, the first ever left out
--   days: length of the stretch
select
    days.customer_id,
    count(*) as orders,
    max(cut.holdout_days) as days
from judge.window as cut
cross join customer.days as days
join customer.habit as habit on habit.customer_id = days.customer_id
where days.ordered_on > (select as_of from run.parameters) - cut.holdout_days
    and days.ordered_on > habit.first_on
group by days.customer_id
