-- audit.flows: who stayed, left, came and came back between the two periods compared, and what it moved.
-- One row per flow with a customer in it. The changes of the rows add up to the change of the whole.
-- Reads audit.customers.
--   flow: stayed (bought in both), left (only in the earlier), new (first order ever in the later), came_back (bought before, not in the earlier, again in the later)
--   customers: customers
--   sales_before_minor: their sales in the earlier period
--   sales_after_minor: their sales in the later period
--   margin_before_minor: their margin in the earlier period
--   margin_after_minor: their margin in the later period
with
earlier as (
    select customer_id, sales_minor, margin_minor from audit.customers where span = 'earlier'
),
later as (
    select customer_id, is_new, sales_minor, margin_minor from audit.customers where span = 'later'
),
flows as (
    select
        case
            when later.customer_id is null then 'left'
            when earlier.customer_id is not null then 'stayed'
            when later.is_new then 'new'
            else 'came_back'
        end as flow,
        coalesce(earlier.sales_minor, 0) as sales_before_minor,
        coalesce(later.sales_minor, 0) as sales_after_minor,
        coalesce(earlier.margin_minor, 0) as margin_before_minor,
        coalesce(later.margin_minor, 0) as margin_after_minor
    from earlier
    full outer join later on later.customer_id = earlier.customer_id
)
select
    flow,
    count(*) as customers,
    sum(sales_before_minor) as sales_before_minor,
    sum(sales_after_minor) as sales_after_minor,
    sum(margin_before_minor) as margin_before_minor,
    sum(margin_after_minor) as margin_after_minor
from flows
group by flow
