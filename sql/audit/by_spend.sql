-- audit.by_spend: customers of the period by what they spent.
-- One row per band with a customer in it. Bands run 1, 2, 5, 10, 20, 50 … in minor units, so that each is about twice
-- as wide as the one before and small and large spenders are both seen.
-- Reads audit.customers.
--   from_minor: least sales, inclusive; absent for those who brought nothing or less
--   until_minor: end of the band, exclusive
--   customers: customers
--   sales_minor: their sales
with
scale as (
    select sales_minor, cast(power(10.0, floor(log10(cast(sales_minor as double)) + 1e-12)) as bigint) as unit
    from audit.customers
    where span = 'period' and sales_minor > 0
),
bands as (
    select
        sales_minor,
        case
            when sales_minor >= 5 * unit then 5 * unit
            when sales_minor >= 2 * unit then 2 * unit
            else unit
        end as from_minor,
        case
            when sales_minor >= 5 * unit then 10 * unit
            when sales_minor >= 2 * unit then 5 * unit
            else 2 * unit
        end as until_minor
    from scale
    union all
    select sales_minor, cast(null as bigint) as from_minor, cast(1 as bigint) as until_minor
    from audit.customers
    where span = 'period' and sales_minor <= 0
)
select from_minor, until_minor, count(*) as customers, sum(sales_minor) as sales_minor
from bands
group by from_minor, until_minor
