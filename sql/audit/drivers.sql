-- audit.drivers: what drove the change of margin between the two periods compared.
-- One row per factor; the effects add up to the change (Shapley's average over all orders of replacement,
-- `stats::movement`). No rows without two periods or where neither has sales.
-- Reads audit.totals.
--   factor: customers, frequency (orders per customer), order_value (sales per order), margin_rate (margin per sales)
--   value_before: in the earlier period; absent where it cannot be told
--   value_after: in the later period
--   effect_minor: its part of the change of margin
with
earlier as (
    select * from audit.totals where span = 'earlier'
),
later as (
    select * from audit.totals where span = 'later'
),
both as (
    select
        earlier.customers as customers_before,
        later.customers as customers_after,
        earlier.orders / nullif(cast(earlier.customers as double), 0.0) as frequency_before,
        later.orders / nullif(cast(later.customers as double), 0.0) as frequency_after,
        earlier.sales_minor / nullif(cast(earlier.orders as double), 0.0) as order_value_before,
        later.sales_minor / nullif(cast(later.orders as double), 0.0) as order_value_after,
        earlier.margin_minor / nullif(cast(earlier.sales_minor as double), 0.0) as margin_rate_before,
        later.margin_minor / nullif(cast(later.sales_minor as double), 0.0) as margin_rate_after,
        profit_drivers(
            earlier.customers, earlier.orders, earlier.sales_minor, earlier.margin_minor,
            later.customers, later.orders, later.sales_minor, later.margin_minor
        ) as effect
    from earlier
    cross join later
    where earlier.sales_minor > 0 or later.sales_minor > 0
)
select
    'customers' as factor,
    cast(customers_before as double) as value_before,
    cast(customers_after as double) as value_after,
    effect['customers'] as effect_minor
from both
union all
select 'frequency', frequency_before, frequency_after, effect['frequency'] from both
union all
select 'order_value', order_value_before, order_value_after, effect['order_value'] from both
union all
select 'margin_rate', margin_rate_before, margin_rate_after, effect['margin_rate'] from both
