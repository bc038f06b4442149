-- audit.concentration: the period's margin and how few customers bring it, in figures.
-- One row. Gini is that of the base itself, 0 where all bring the same; with negative margins it may pass 1.
-- Reads audit.customers.
--   customers: customers of the period
--   margin_minor: their margin
--   gini: Gini coefficient; absent where the margin is zero or less
--   top_10_share: share of margin from the best tenth
--   top_20_share: share of margin from the best fifth
--   customers_for_half: fewest customers that bring half of the margin
with
ranked as (
    select
        margin_minor,
        row_number() over (order by margin_minor desc, customer_id) as place,
        count(*) over () as customers,
        sum(margin_minor) over () as whole_minor,
        sum(margin_minor) over (
            order by margin_minor desc, customer_id rows between unbounded preceding and current row
        ) as running_minor
    from audit.customers
    where span = 'period'
)
select
    count(*) as customers,
    coalesce(sum(margin_minor), 0) as margin_minor,
    case
        when sum(margin_minor) > 0
            then (count(*) + 1.0 - 2.0 * sum(cast(place as double) * margin_minor) / sum(margin_minor)) / count(*)
    end as gini,
    case
        when sum(margin_minor) > 0
            then sum(case when place <= ceil(customers / 10.0) then margin_minor else 0 end)
                / cast(sum(margin_minor) as double)
    end as top_10_share,
    case
        when sum(margin_minor) > 0
            then sum(case when place <= ceil(customers / 5.0) then margin_minor else 0 end)
                / cast(sum(margin_minor) as double)
    end as top_20_share,
    case
        when sum(margin_minor) > 0
            then count(*) filter (where 2 * (running_minor - margin_minor) < whole_minor)
    end as customers_for_half
from ranked
