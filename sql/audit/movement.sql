-- audit.movement: customers by spend group in the earlier and the later of the two periods compared.
-- One row per pair of groups with a customer in it.
-- Reads audit.customers.
--   group_before: best (the best fifth by sales), middle (the next three tenths), small (the other half), nothing
--   group_after: the same in the later period
--   customers: customers
with
places as (
    select
        span,
        customer_id,
        row_number() over (partition by span order by sales_minor desc, customer_id) as place,
        count(*) over (partition by span) as customers
    from audit.customers
    where span in ('earlier', 'later')
),
groups as (
    select
        span,
        customer_id,
        case
            when place <= ceil(customers / 5.0) then 'best'
            when place <= ceil(customers / 2.0) then 'middle'
            else 'small'
        end as spend_group
    from places
),
earlier as (
    select customer_id, spend_group from groups where span = 'earlier'
),
later as (
    select customer_id, spend_group from groups where span = 'later'
),
moves as (
    select
        coalesce(earlier.spend_group, 'nothing') as group_before,
        coalesce(later.spend_group, 'nothing') as group_after
    from earlier
    full outer join later on later.customer_id = earlier.customer_id
)
select group_before, group_after, count(*) as customers
from moves
group by group_before, group_after
