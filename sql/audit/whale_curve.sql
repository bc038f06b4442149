-- audit.whale_curve: how much of the period's margin comes from how few customers, best first.
-- One row per hundredth of the customers, from none to all. The curve may rise above the whole where some customers
-- cost more than they bring. No rows where the margin is zero or less.
-- Reads audit.customers.
--   customers_share: share of customers, best first
--   margin_share: cumulative share of margin
with
running as (
    select
        row_number() over (order by margin_minor desc, customer_id) as place,
        sum(margin_minor) over (
            order by margin_minor desc, customer_id rows between unbounded preceding and current row
        ) as margin_minor
    from audit.customers
    where span = 'period'
),
whole as (
    select count(*) as customers, sum(margin_minor) as margin_minor
    from audit.customers
    where span = 'period'
),
points as (
    select cast(ceil(running.place * 100.0 / whole.customers) as bigint) as point, max(running.place) as place
    from whole
    cross join running
    group by point
)
select 0.0 as customers_share, 0.0 as margin_share
from whole
where margin_minor > 0
union all
select
    points.place / cast(whole.customers as double) as customers_share,
    running.margin_minor / cast(whole.margin_minor as double) as margin_share
from whole
cross join points
join running on running.place = points.place
where whole.margin_minor > 0
