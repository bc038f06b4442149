-- customer.days: the days on which a customer ordered, and what each brought.
-- One row per customer and order day up to as_of. Kept: most relations about customers start here.
-- Orders of one local day are one visit, as the models need. A return counts against the day of its order
-- (facts.returns), once it has come back by as_of. Margin uses the costs of the day's own lines where they are
-- known and no share was given, else the share of data.margin.
-- Reads facts.lines, facts.returns, data.margin, run.parameters.
--   customer_id: our id of the customer
--   ordered_on: the shop's local day
--   revenue_minor: what was paid
--   refund_minor: what was given back of it, 0 where nothing
--   net_minor: revenue less refund
--   margin_minor: margin on the net
with
sold as (
    select
        customer_id,
        ordered_on,
        sum(total_minor) as revenue_minor,
        sum(cost_minor) as cost_minor,
        sum(case when cost_minor is not null then total_minor end) as costed_minor
    from facts.lines
    where customer_id is not null and ordered_on <= (select as_of from run.parameters)
    group by customer_id, ordered_on
),
refund as (
    select customer_id, ordered_on, sum(refund_minor) as refund_minor
    from facts.returns
    where customer_id is not null
        and ordered_on is not null
        and returned_on <= (select as_of from run.parameters)
    group by customer_id, ordered_on
),
net as (
    select
        sold.customer_id,
        sold.ordered_on,
        sold.revenue_minor,
        coalesce(refund.refund_minor, 0) as refund_minor,
        sold.revenue_minor - coalesce(refund.refund_minor, 0) as net_minor,
        sold.cost_minor,
        sold.costed_minor
    from sold
    left join refund on refund.customer_id = sold.customer_id and refund.ordered_on = sold.ordered_on
)
select
    customer_id,
    ordered_on,
    revenue_minor,
    refund_minor,
    net_minor,
    cast(round(
        net_minor * case
            when costed_minor > 0 and (select basis from data.margin) = 'cost'
                then 1.0 - cost_minor / cast(costed_minor as double)
            else (select margin_share from data.margin)
        end
    ) as bigint) as margin_minor
from net
