-- judge.customers: what the models may see of each customer, and what came after.
-- One row per customer with an order by the end of calibration. Kept. The columns up to mean_spend_minor are those of
-- customer.summary as they stood at the cut, except that returns count whenever they came back.
-- Reads customer.days, judge.window.
--   customer_id: our id of the customer
--   frequency: order days after the first, up to the cut
--   recency_days: days from the first to the last of them
--   age_days: days from the first order day to the cut
--   mean_spend_minor: mean net of the order days after the first; absent without them
--   last_window_orders: order days in the stretch before the cut that is as long as the time held out
--   actual_orders: order days after the cut
--   actual_spend_minor: their net
with
record as (
    select
        days.customer_id,
        min(days.ordered_on) as first_on,
        max(case when days.ordered_on <= cut.calibration_end then days.ordered_on end) as last_on,
        count(*) filter (where days.ordered_on <= cut.calibration_end) as order_days,
        sum(case when days.ordered_on <= cut.calibration_end then days.net_minor else 0 end) as net_minor,
        first_amount(days.net_minor, days.ordered_on) as first_net_minor,
        count(*) filter (
            where days.ordered_on <= cut.calibration_end
                and days.ordered_on > cut.calibration_end - cut.holdout_days
        ) as last_window_orders,
        count(*) filter (where days.ordered_on > cut.calibration_end) as actual_orders,
        sum(case when days.ordered_on > cut.calibration_end then days.net_minor else 0 end) as actual_spend_minor
    from judge.window as cut
    cross join customer.days as days
    group by days.customer_id
)
select
    record.customer_id,
    record.order_days - 1 as frequency,
    record.last_on - record.first_on as recency_days,
    cut.calibration_end - record.first_on as age_days,
    case
        when record.order_days > 1
            then (record.net_minor - record.first_net_minor) / cast(record.order_days - 1 as double)
    end as mean_spend_minor,
    record.last_window_orders,
    record.actual_orders,
    record.actual_spend_minor
from judge.window as cut
cross join record
where record.first_on <= cut.calibration_end
