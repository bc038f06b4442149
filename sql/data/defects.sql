-- data.defects: what is wrong with the facts themselves, counted.
-- One row per kind of defect that was found. Nothing is taken out silently: the note says what is done about it.
-- Reads lake.lines, facts.returns, facts.orders, run.parameters.
--   defect: code of the defect
--   found: how many rows, orders or returns have it
--   example: one of them: an order, or a return
--   treatment: counted (stays in every sum), left_out (in no sum), not_netted (stays, but reduces no sale)
with
lines as (
    select
        count(*) filter (where currency <> (select currency from run.parameters)) as other_currency,
        min(case when currency <> (select currency from run.parameters) then order_id end) as other_currency_order,
        count(*) filter (where ordered_on > (select as_of from run.parameters)) as future,
        min(case when ordered_on > (select as_of from run.parameters) then order_id end) as future_order,
        count(*) filter (where total_minor < 0) as negative,
        min(case when total_minor < 0 then order_id end) as negative_order,
        count(*) filter (where total_minor = 0) as zero,
        min(case when total_minor = 0 then order_id end) as zero_order,
        count(*) filter (where quantity_milli = 0) as no_quantity,
        min(case when quantity_milli = 0 then order_id end) as no_quantity_order,
        count(*) filter (where cost_minor > total_minor and total_minor > 0) as below_cost,
        min(case when cost_minor > total_minor and total_minor > 0 then order_id end) as below_cost_order
    from lake.lines
),
owners as (
    select source, order_id, customer_id
    from lake.lines
    where customer_id is not null
    group by source, order_id, customer_id
),
shared as (
    select source, order_id from owners group by source, order_id having count(*) > 1
),
defects as (
    select 'other_currency' as defect, other_currency as found, other_currency_order as example, 'left_out' as treatment
    from lines
    union all
    select 'future_day', future, future_order, 'left_out' from lines
    union all
    select 'negative_total', negative, negative_order, 'counted' from lines
    union all
    select 'zero_total', zero, zero_order, 'counted' from lines
    union all
    select 'zero_quantity', no_quantity, no_quantity_order, 'counted' from lines
    union all
    select 'below_cost', below_cost, below_cost_order, 'counted' from lines
    union all
    select 'two_customers', count(*), min(order_id), 'counted' from shared
    union all
    select 'order_without_spend', count(*), min(order_id), 'counted' from facts.orders where net_minor <= 0
    union all
    select 'returned_more_than_paid', count(*), min(order_id), 'counted'
    from facts.orders
    where refund_minor > greatest(revenue_minor, 0)
    union all
    select 'return_without_order', count(*), min(coalesce(return_id, order_id)), 'not_netted'
    from facts.returns
    where ordered_on is null
)
select defect, found, example, treatment
from defects
where found > 0
