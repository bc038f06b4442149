-- channel.costs: what was spent on each channel in the period, beside the new customers it won.
-- One row per channel with spend or sales in the period. Spend that is unknown stays absent and has no ratio. A ratio
-- here is an average, not what one more would cost, and says nothing of customers who would have come anyway.
-- Reads facts.costs, channel.sales, audit.spans.
--   channel: the channel
--   spend_minor: what was spent; absent where no row of the period says
--   unknown_rows: cost rows of the period without an amount
--   output_count: visits, views, calls and the like; absent where no row says
--   new_customers: customers whose first order ever was there, in the period
--   spend_per_new_customer_minor: spend over new customers; absent where either is unknown or none came
with
spent as (
    select
        costs.channel,
        sum(costs.spend_minor) as spend_minor,
        count(*) - count(costs.spend_minor) as unknown_rows,
        sum(costs.output_count) as output_count
    from facts.costs as costs
    join audit.spans as spans
        on spans.span = 'period' and costs.spent_on >= spans.from_on and costs.spent_on < spans.until_on
    where costs.channel is not null
    group by costs.channel
)
select
    coalesce(spent.channel, sales.channel) as channel,
    spent.spend_minor,
    coalesce(spent.unknown_rows, 0) as unknown_rows,
    spent.output_count,
    coalesce(sales.new_customers, 0) as new_customers,
    case
        when spent.unknown_rows = 0 then spent.spend_minor / nullif(cast(sales.new_customers as double), 0.0)
    end as spend_per_new_customer_minor
from spent
full outer join channel.sales as sales on sales.channel = spent.channel
