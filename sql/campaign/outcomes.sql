-- campaign.outcomes: what each customer brought in each window of time.
-- One row per window of run.windows and customer with an order in it. Orders of one day are one visit, as everywhere. A
-- return counts against the day of its order. Margin uses the costs of the window's own lines where they are known and no
-- share was given, else the share of data.margin.
-- Reads facts.lines, facts.returns, data.margin, run.windows.
--   number: which window
--   customer_id: our id of the customer
--   orders: order days in it
--   net_minor: paid in it, less what came back
--   margin_minor: margin on the net
with
sold as (
    select
        windows.number,
        lines.customer_id,
        count(distinct lines.ordered_on) as orders,
        sum(lines.total_minor) as revenue_minor,
        sum(lines.cost_minor) as cost_minor,
        sum(case when lines.cost_minor is not null then lines.total_minor end) as costed_minor
    from run.windows as windows
    join facts.lines as lines on lines.ordered_on >= windows.from_on and lines.ordered_on < windows.until_on
    where lines.customer_id is not null
    group by windows.number, lines.customer_id
),
refund as (
    select windows.number, returns.customer_id, sum(returns.refund_minor) as refund_minor
    from run.windows as windows
    join facts.returns as returns
        on returns.ordered_on >= windows.from_on and returns.ordered_on < windows.until_on
    where returns.customer_id is not null
    group by windows.number, returns.customer_id
),
net as (
    select
        sold.number,
        sold.customer_id,
        sold.orders,
        sold.revenue_minor - coalesce(refund.refund_minor, 0) as net_minor,
        sold.cost_minor,
        sold.costed_minor
    from sold
    left join refund on refund.customer_id = sold.customer_id and refund.number = sold.number
)
select
    number,
    customer_id,
    orders,
    net_minor,
    cast(round(
        net_minor * case
            when costed_minor > 0 and (select basis from data.margin) = 'cost'
                then 1.0 - cost_minor / cast(costed_minor as double)
            else (select margin_share from data.margin)
        end
    ) as bigint) as margin_minor
from net
