-- campaign.outcomes: what each customer brought in each window of time.
-- One row per window of run.windows and customer with an order in it. Orders of one day are one visit, as everywhere. A
-- return counts against the day of its order. Margin uses the costs of the window's own lines where they are known and no
-- share was given, else the share of data.margin. Only sales in the currency of the run count.
-- Reads lake.days, lake.codes, facts.returns, data.margin, run.windows, run.parameters.
--   number: which window
--   customer_id: our id of the customer
--   orders: order days in it
--   net_minor: paid in it, less what came back
--   margin_minor: margin on the net
with
sold as (
    select
        windows.number,
        days.customer_code,
        count(*) as orders,
        sum(days.total_minor) as revenue_minor,
        sum(days.cost_minor) as cost_minor,
        sum(days.costed_minor) as costed_minor
    from run.windows as windows
    join lake.days as days on days.ordered_on >= windows.from_on and days.ordered_on < windows.until_on
    where days.customer_code is not null and days.currency = (select currency from run.parameters)
    group by windows.number, days.customer_code
),
refund as (
    select windows.number, codes.customer_code, sum(returns.refund_minor) as refund_minor
    from run.windows as windows
    join facts.returns as returns
        on returns.ordered_on >= windows.from_on and returns.ordered_on < windows.until_on
    join lake.codes as codes on codes.customer_id = returns.customer_id
    group by windows.number, codes.customer_code
),
net as (
    select
        sold.number,
        sold.customer_code,
        sold.orders,
        sold.revenue_minor - coalesce(refund.refund_minor, 0) as net_minor,
        sold.cost_minor,
        sold.costed_minor
    from sold
    left join refund on refund.customer_code = sold.customer_code and refund.number = sold.number
)
select
    net.number,
    codes.customer_id,
    net.orders,
    net.net_minor,
    cast(round(
        net.net_minor * case
            when net.costed_minor > 0 and (select basis from data.margin) = 'cost'
                then 1.0 - net.cost_minor / cast(net.costed_minor as double)
            else (select margin_share from data.margin)
        end
    ) as bigint) as margin_minor
from net
join lake.codes as codes on codes.customer_code = net.customer_code
