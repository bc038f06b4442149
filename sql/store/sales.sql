-- store.sales: what each store brought in the period, and whom it won.
-- One row per store with an order in the period.
-- Reads facts.lines, facts.returns, customer.habit, audit.spans, run.parameters.
--   store_id: the shop's key of the store
--   orders: orders, anonymous ones included
--   customers: known customers who bought there
--   new_customers: of them, those whose first order ever was there, in the period
--   sales_minor: what was paid there, less what came back there in the period, anonymous included
--   sales_share: its part of the period's sales; absent where there are none
--   anonymous_minor: what was paid there by nobody known
--   before_sales_minor: the same as sales in the stretch of equal length before; absent where history does not reach
--   old_enough: new customers whose first order is 90 days old
--   came_back: of them, those who ordered again, anywhere, within 90 days
with
period as (
    select from_on, until_on from audit.spans where span = 'period'
),
before as (
    select from_on, until_on from audit.spans where span = 'before'
),
orders as (
    select store_id, source, order_id, customer_id, sum(total_minor) as total_minor
    from facts.lines
    where store_id is not null
        and ordered_on >= (select from_on from period)
        and ordered_on < (select until_on from period)
    group by store_id, source, order_id, customer_id
),
buyers as (
    select store_id, customer_id, count(*) as orders, sum(total_minor) as total_minor
    from orders
    group by store_id, customer_id
),
sold as (
    select
        store_id,
        sum(orders) as orders,
        count(customer_id) as customers,
        sum(total_minor) as total_minor,
        sum(case when customer_id is null then total_minor else 0 end) as anonymous_minor
    from buyers
    group by store_id
),
returned as (
    select
        store_id,
        sum(case when returned_on >= (select from_on from period) then refund_minor else 0 end) as refund_minor,
        sum(case when returned_on < (select from_on from period) then refund_minor else 0 end) as before_minor
    from facts.returns
    where store_id is not null
        and returned_on < (select until_on from period)
        and returned_on >= coalesce((select min(from_on) from before), (select from_on from period))
    group by store_id
),
earlier as (
    select lines.store_id, sum(lines.total_minor) as total_minor
    from facts.lines as lines
    join before on lines.ordered_on >= before.from_on and lines.ordered_on < before.until_on
    where lines.store_id is not null
    group by lines.store_id
),
beginners as (
    select customer_id, first_on, second_on
    from customer.habit
    where first_on >= (select from_on from period) and first_on < (select until_on from period)
),
first_places as (
    select
        beginners.customer_id,
        min(lines.store_id) as store_id,
        max(case when (select as_of from run.parameters) - beginners.first_on >= 90 then 1 else 0 end) as is_old,
        max(
            case
                when (select as_of from run.parameters) - beginners.first_on >= 90
                    and beginners.second_on - beginners.first_on <= 90
                    then 1
                else 0
            end
        ) as came_back
    from facts.lines as lines
    join beginners on beginners.customer_id = lines.customer_id and beginners.first_on = lines.ordered_on
    where lines.store_id is not null
    group by beginners.customer_id
),
won as (
    select store_id, count(*) as customers, sum(is_old) as old_enough, sum(came_back) as came_back
    from first_places
    group by store_id
)
select
    sold.store_id,
    sold.orders,
    sold.customers,
    coalesce(won.customers, 0) as new_customers,
    sold.total_minor - coalesce(returned.refund_minor, 0) as sales_minor,
    (sold.total_minor - coalesce(returned.refund_minor, 0))
        / nullif(cast(sum(sold.total_minor - coalesce(returned.refund_minor, 0)) over () as double), 0.0)
        as sales_share,
    sold.anonymous_minor,
    case
        when (select count(*) from before) > 0
            then coalesce(earlier.total_minor, 0) - coalesce(returned.before_minor, 0)
    end as before_sales_minor,
    coalesce(won.old_enough, 0) as old_enough,
    coalesce(won.came_back, 0) as came_back
from sold
left join returned on returned.store_id = sold.store_id
left join earlier on earlier.store_id = sold.store_id
left join won on won.store_id = sold.store_id
