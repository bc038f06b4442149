-- audit.worth_bands: customers by what they are expected to bring in twelve months.
-- One row per band with a customer in it, highest first. Bands run 1, 2, 5, 10, 20, 50 … in minor units; what rounds to
-- less than ten is one band.
-- Reads customer.value.
--   from_minor: least expected margin, inclusive; absent for those expected to bring less than nothing
--   until_minor: end of the band, exclusive
--   customers: customers
--   margin_12m_minor: their expected margin together
--   margin_12m_variance: its variance by chance; absent under a naive rule
with
scale as (
    select
        margin_12m_minor,
        power((margin_12m_high_minor - margin_12m_low_minor) / 3.92, 2.0) as variance,
        case
            when margin_12m_minor >= 10.0
                then cast(power(10.0, floor(log10(margin_12m_minor) + 1e-12)) as bigint)
        end as unit
    from customer.value
),
bands as (
    select
        margin_12m_minor,
        variance,
        case
            when unit is null and margin_12m_minor < 0.0 then null
            when unit is null then 0
            when margin_12m_minor >= 5 * unit then 5 * unit
            when margin_12m_minor >= 2 * unit then 2 * unit
            else unit
        end as from_minor,
        case
            when unit is null and margin_12m_minor < 0.0 then 0
            when unit is null then 10
            when margin_12m_minor >= 5 * unit then 10 * unit
            when margin_12m_minor >= 2 * unit then 5 * unit
            else 2 * unit
        end as until_minor
    from scale
)
select
    from_minor,
    until_minor,
    count(*) as customers,
    sum(margin_12m_minor) as margin_12m_minor,
    sum(variance) as margin_12m_variance
from bands
group by from_minor, until_minor
