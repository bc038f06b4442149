-- channel.mix: customers of the period by how many channels they bought in, and what they bring.
-- One row per number of channels. More channels go with more orders, and more orders find more channels: not a cause.
-- Reads facts.lines, audit.spans.
--   channels: how many different channels
--   customers: customers
--   order_days: their order days
--   revenue_minor: what they paid
with
period as (
    select from_on, until_on from audit.spans where span = 'period'
),
visits as (
    select customer_id, channel, ordered_on, sum(total_minor) as total_minor
    from facts.lines
    where channel is not null
        and customer_id is not null
        and ordered_on >= (select from_on from period)
        and ordered_on < (select until_on from period)
    group by customer_id, channel, ordered_on
),
places as (
    select customer_id, channel, count(*) as order_days, sum(total_minor) as total_minor
    from visits
    group by customer_id, channel
),
customers as (
    select customer_id, count(*) as channels, sum(order_days) as order_days, sum(total_minor) as total_minor
    from places
    group by customer_id
)
select
    channels,
    count(*) as customers,
    sum(order_days) as order_days,
    sum(total_minor) as revenue_minor
from customers
group by channels
