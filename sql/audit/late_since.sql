-- audit.late_since: the late customers, by how long they have been.
-- One row per band of days past the day the next order was expected, with a customer in it: a week, a month, two, four
-- and more. Late are those whose own clock says at_risk.
-- Reads customer.cadence, customer.value.
--   from_days: fewest days late, inclusive
--   until_days: end of the band, exclusive; absent for "and more"
--   customers: customers
--   at_stake_minor: what they would bring in twelve months beyond what is expected, were they surely still customers; absent where leaving cannot be told
--   at_stake_variance: its variance by chance
with
late as (
    select
        case
            when cadence.days_late < 8 then 0
            when cadence.days_late < 31 then 8
            when cadence.days_late < 61 then 31
            when cadence.days_late < 121 then 61
            else 121
        end as from_days,
        value.at_stake_minor,
        abs(value.at_stake_minor * value.order_value_minor * value.margin_share) as variance
    from customer.cadence as cadence
    join customer.value as value on value.customer_id = cadence.customer_id
    where cadence.state = 'at_risk'
)
select
    from_days,
    case from_days when 0 then 8 when 8 then 31 when 31 then 61 when 61 then 121 end as until_days,
    count(*) as customers,
    sum(at_stake_minor) as at_stake_minor,
    sum(variance) as at_stake_variance
from late
group by from_days
