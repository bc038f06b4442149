-- data.summary: what is in the lake, and what the files did not tell.
-- One row. Lines of every currency and day count.
-- Reads lake.lines, lake.returns, run.parameters.
--   lines: lines
--   orders: orders
--   anonymous_orders: orders without a customer
--   first_on: first day
--   last_on: last day
--   revenue_minor: what was paid, in the shop's currency
--   anonymous_minor: of it, by nobody known
--   other_currency_lines: lines in another currency, left out of everything else
--   future_lines: lines after as_of, left out of customer relations
--   lines_without_product: lines that name no product
--   lines_without_store: lines that name no store
--   lines_without_channel: lines that name no channel
--   lines_without_cost: lines without a cost
--   timed_lines: lines with a time of day that is not midnight
--   returns: returned lines
with
shop as (
    select currency, as_of from run.parameters
),
orders as (
    select
        source,
        order_id,
        max(customer_id) as customer_id,
        count(*) as lines,
        min(ordered_on) as first_on,
        max(ordered_on) as last_on,
        sum(case when currency = (select currency from shop) then total_minor else 0 end) as revenue_minor,
        sum(case when currency = (select currency from shop) and customer_id is null then total_minor else 0 end)
            as anonymous_minor,
        sum(case when currency <> (select currency from shop) then 1 else 0 end) as other_currency_lines,
        sum(case when ordered_on > (select as_of from shop) then 1 else 0 end) as future_lines,
        count(product_id) as with_product,
        count(store_id) as with_store,
        count(channel) as with_channel,
        count(cost_minor) as with_cost,
        sum(case when date_trunc('day', ordered_at) <> ordered_at then 1 else 0 end) as timed_lines
    from lake.lines
    group by source, order_id
),
returned as (
    select count(*) as returns from lake.returns
)
select
    coalesce(sum(orders.lines), 0) as lines,
    count(*) as orders,
    count(*) - count(orders.customer_id) as anonymous_orders,
    min(orders.first_on) as first_on,
    max(orders.last_on) as last_on,
    coalesce(sum(orders.revenue_minor), 0) as revenue_minor,
    coalesce(sum(orders.anonymous_minor), 0) as anonymous_minor,
    coalesce(sum(orders.other_currency_lines), 0) as other_currency_lines,
    coalesce(sum(orders.future_lines), 0) as future_lines,
    coalesce(sum(orders.lines - orders.with_product), 0) as lines_without_product,
    coalesce(sum(orders.lines - orders.with_store), 0) as lines_without_store,
    coalesce(sum(orders.lines - orders.with_channel), 0) as lines_without_channel,
    coalesce(sum(orders.lines - orders.with_cost), 0) as lines_without_cost,
    coalesce(sum(orders.timed_lines), 0) as timed_lines,
    (select returns from returned) as returns
from orders
