-- customer.summary: each customer's record in the numbers the models read.
-- One row per customer with at least one order up to as_of. Kept.
-- Frequency, recency and age are those of Fader, Hardie and Lee (2005): x, t_x and T, counted in the shop's days
-- with the orders of one day merged, and age running to as_of, not to the last order. Mean spend leaves the first
-- order day out and nets returns on the day of their order, as the gamma-gamma model needs.
-- Reads customer.days, lake.codes, run.parameters.
--   customer_id: our id of the customer
--   first_on: first order day
--   last_on: last order day
--   order_days: days with an order
--   frequency: order days after the first
--   recency_days: days from the first to the last order day
--   age_days: days from the first order day to as_of
--   recency_weeks: recency in weeks of seven days
--   age_weeks: age in weeks of seven days
--   quiet_days: days from the last order day to as_of
--   revenue_minor: what the customer has paid
--   refund_minor: what was given back of it
--   net_minor: revenue less refund
--   margin_minor: margin on the net
--   first_net_minor: net of the first order day
--   mean_spend_minor: mean net of the order days after the first; absent without them
with
record as (
    select
        customer_code,
        min(ordered_on) as first_on,
        max(ordered_on) as last_on,
        count(*) as order_days,
        sum(revenue_minor) as revenue_minor,
        sum(refund_minor) as refund_minor,
        sum(net_minor) as net_minor,
        sum(margin_minor) as margin_minor,
        first_amount(net_minor, ordered_on) as first_net_minor
    from customer.days
    group by customer_code
)
select
    codes.customer_id,
    first_on,
    last_on,
    order_days,
    order_days - 1 as frequency,
    last_on - first_on as recency_days,
    (select as_of from run.parameters) - first_on as age_days,
    (last_on - first_on) / 7.0 as recency_weeks,
    ((select as_of from run.parameters) - first_on) / 7.0 as age_weeks,
    (select as_of from run.parameters) - last_on as quiet_days,
    revenue_minor,
    refund_minor,
    net_minor,
    margin_minor,
    first_net_minor,
    case
        when order_days > 1 then (net_minor - first_net_minor) / cast(order_days - 1 as double)
    end as mean_spend_minor
from record
join lake.codes as codes on codes.customer_code = record.customer_code
