-- facts.orders: every order with what it brought and what came back of it.
-- One row per order of a source, anonymous ones included. An order whose lines name two customers belongs to the
-- one whose id sorts last; data.defects counts such orders.
-- Reads facts.lines, facts.returns.
--   source: the shop or system the order comes from
--   order_id: the shop's key of the order
--   customer_id: our id of the customer; absent on anonymous orders
--   ordered_at: when its first line was rung up, UTC
--   ordered_on: the shop's local day
--   lines: how many lines it has
--   units: how many units; a line without a quantity counts one
--   revenue_minor: what was paid
--   discount_minor: what was taken off; absent where no line says
--   cost_minor: what the goods of the lines with a known cost cost
--   costed_minor: what was paid for the lines with a known cost
--   refund_minor: what was given back later, 0 where nothing
--   net_minor: revenue less refund
--   store_id: the store
--   channel: the channel
--   tender: how it was paid
with
sold as (
    select
        source,
        order_id,
        max(customer_id) as customer_id,
        min(ordered_at) as ordered_at,
        min(ordered_on) as ordered_on,
        count(*) as lines,
        sum(coalesce(quantity_milli, 1000)) as quantity_milli,
        sum(total_minor) as revenue_minor,
        sum(discount_minor) as discount_minor,
        sum(cost_minor) as cost_minor,
        sum(case when cost_minor is not null then total_minor end) as costed_minor,
        max(store_id) as store_id,
        max(channel) as channel,
        max(tender) as tender
    from facts.lines
    group by source, order_id
),
refund as (
    select source, order_id, sum(refund_minor) as refund_minor
    from facts.returns
    where order_id is not null
    group by source, order_id
)
select
    sold.source,
    sold.order_id,
    sold.customer_id,
    sold.ordered_at,
    sold.ordered_on,
    sold.lines,
    sold.quantity_milli / 1000.0 as units,
    sold.revenue_minor,
    sold.discount_minor,
    sold.cost_minor,
    sold.costed_minor,
    coalesce(refund.refund_minor, 0) as refund_minor,
    sold.revenue_minor - coalesce(refund.refund_minor, 0) as net_minor,
    sold.store_id,
    sold.channel,
    sold.tender
from sold
left join refund on refund.source = sold.source and refund.order_id = sold.order_id
