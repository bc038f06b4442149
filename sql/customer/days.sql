-- customer.days: the days on which a customer ordered, and what each brought.
-- One row per customer and order day up to as_of. Kept: most relations about customers start here.
-- Orders of one local day are one visit, as the models need. A return counts against the day of its order
-- (facts.returns), once it has come back by as_of. Margin uses the costs of the day's own lines where they are
-- known and no share was given, else the share of data.margin.
-- Reads lake.days, lake.codes, facts.returns, data.margin, run.parameters.
--   customer_id: our id of the customer
--   customer_code: the same as a number, for groups over many days; lake.codes leads back
--   ordered_on: the shop's local day
--   revenue_minor: what was paid
--   refund_minor: what was given back of it, 0 where nothing
--   net_minor: revenue less refund
--   margin_minor: margin on the net
with
sold as (
    select
        customer_id,
        customer_code,
        ordered_on,
        total_minor as revenue_minor,
        cost_minor,
        costed_minor
    from lake.days
    where customer_code is not null
        and currency = (select currency from run.parameters)
        and ordered_on <= (select as_of from run.parameters)
),
refund as (
    select codes.customer_code, returned.ordered_on, sum(returned.refund_minor) as refund_minor
    from facts.returns as returned
    join lake.codes as codes on codes.customer_id = returned.customer_id
    where returned.ordered_on is not null and returned.returned_on <= (select as_of from run.parameters)
    group by codes.customer_code, returned.ordered_on
),
net as (
    select
        sold.customer_id,
        sold.customer_code,
        sold.ordered_on,
        sold.revenue_minor,
        coalesce(refund.refund_minor, 0) as refund_minor,
        sold.revenue_minor - coalesce(refund.refund_minor, 0) as net_minor,
        sold.cost_minor,
        sold.costed_minor
    from sold
    left join refund on refund.customer_code = sold.customer_code and refund.ordered_on = sold.ordered_on
)
select
    arrow_cast(customer_id, 'Utf8') as customer_id,
    customer_code,
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
