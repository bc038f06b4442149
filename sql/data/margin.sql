-- data.margin: what part of a sale is margin, and how we know.
-- One row. Kept. A share given with the run wins; else the cost of the lines that have one; else margin is not
-- known, the share is 1, and every margin of the report is a revenue and says so.
-- Reads lake.days, run.parameters.
--   basis: share (given with the run), cost (from the lines), revenue (unknown)
--   margin_share: margin as a share of revenue, over all lines with a cost
--   costed_share: what part of revenue is on lines with a cost
with
cost as (
    select
        sum(total_minor) as revenue_minor,
        sum(cost_minor) as cost_minor,
        sum(costed_minor) as costed_minor
    from lake.days
    where currency = (select currency from run.parameters)
)
select
    case
        when parameters.margin_share is not null then 'share'
        when cost.costed_minor > 0 then 'cost'
        else 'revenue'
    end as basis,
    case
        when parameters.margin_share is not null then parameters.margin_share
        when cost.costed_minor > 0 then 1.0 - cost.cost_minor / cast(cost.costed_minor as double)
        else 1.0
    end as margin_share,
    case
        when cost.revenue_minor > 0
            then coalesce(cost.costed_minor, 0) / cast(cost.revenue_minor as double)
        else 0.0
    end as costed_share
from run.parameters as parameters
cross join cost
