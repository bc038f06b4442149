-- audit.totals: the sums of each span of the X-ray.
-- One row per span that history reaches, all but observed.
-- Reads audit.customers, audit.spans, facts.lines.
--   span: period, before, later, earlier
--   from_on: first day
--   until_on: the day after the last
--   customers: customers with at least one order
--   new_customers: of them, those whose first order ever lies in the span
--   orders: order days
--   revenue_minor: what was paid
--   returns_minor: what was given back of it
--   sales_minor: revenue less returns
--   margin_minor: margin on the sales
--   anonymous_sales_minor: paid by nobody known, on top of the sales
with
known as (
    select
        span,
        count(*) as customers,
        count(*) filter (where is_new) as new_customers,
        sum(orders) as orders,
        sum(revenue_minor) as revenue_minor,
        sum(refund_minor) as returns_minor,
        sum(sales_minor) as sales_minor,
        sum(margin_minor) as margin_minor
    from audit.customers
    group by span
),
anonymous_days as (
    select ordered_on, sum(total_minor) as total_minor
    from facts.lines
    where customer_id is null
    group by ordered_on
),
anonymous as (
    select spans.span, sum(anonymous_days.total_minor) as total_minor
    from anonymous_days
    join audit.spans as spans
        on anonymous_days.ordered_on >= spans.from_on and anonymous_days.ordered_on < spans.until_on
    group by spans.span
)
select
    spans.span,
    spans.from_on,
    spans.until_on,
    coalesce(known.customers, 0) as customers,
    coalesce(known.new_customers, 0) as new_customers,
    coalesce(known.orders, 0) as orders,
    coalesce(known.revenue_minor, 0) as revenue_minor,
    coalesce(known.returns_minor, 0) as returns_minor,
    coalesce(known.sales_minor, 0) as sales_minor,
    coalesce(known.margin_minor, 0) as margin_minor,
    coalesce(anonymous.total_minor, 0) as anonymous_sales_minor
from audit.spans as spans
left join known on known.span = spans.span
left join anonymous on anonymous.span = spans.span
where spans.span <> 'observed'
