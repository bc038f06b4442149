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
    select count(*) as orders, count(*) - count(known) as anonymous_orders
    from (
        select nullif(count(customer_id), 0) as known from lake.lines group by source, order_id
    )
),
lines as (
    select
        count(*) as lines,
        min(ordered_on) as first_on,
        max(ordered_on) as last_on,
        sum(case when currency = (select currency from shop) then total_minor else 0 end) as revenue_minor,
        sum(case when currency = (select currency from shop) and customer_id is null then total_minor else 0 end)
            as anonymous_minor,
        sum(case when currency <> (select currency from shop) then 1 else 0 end) as other_currency_lines,
        sum(case when ordered_on > (select as_of from shop) then 1 else 0 end) as future_lines,
        count(*) - count(product_id) as lines_without_product,
        count(*) - count(store_id) as lines_without_store,
        count(*) - count(channel) as lines_without_channel,
        count(*) - count(cost_minor) as lines_without_cost,
        sum(case when date_trunc('day', ordered_at) <> ordered_at then 1 else 0 end) as timed_lines
    from lake.lines
),
returned as (
    select count(*) as returns from lake.returns
)
select
    lines.lines,
    orders.orders,
    orders.anonymous_orders,
    lines.first_on,
    lines.last_on,
    coalesce(lines.revenue_minor, 0) as revenue_minor,
    coalesce(lines.anonymous_minor, 0) as anonymous_minor,
    coalesce(lines.other_currency_lines, 0) as other_currency_lines,
    coalesce(lines.future_lines, 0) as future_lines,
    lines.lines_without_product,
    lines.lines_without_store,
    lines.lines_without_channel,
    lines.lines_without_cost,
    coalesce(lines.timed_lines, 0) as timed_lines,
    returned.returns
from lines
cross join orders
cross join returned
