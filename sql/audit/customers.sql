-- audit.customers: what each customer did in each span of the X-ray.
-- One row per span (all but observed) and customer with an order in it. Kept.
-- Reads customer.days, customer.summary, audit.spans.
--   span: period, before, later, earlier
--   customer_id: our id of the customer
--   is_new: whether the customer's first order ever lies in the span
--   orders: order days
--   revenue_minor: what was paid
--   refund_minor: what was given back of it
--   sales_minor: revenue less refunds
--   margin_minor: margin on the sales
with
sums as (
    select
        spans.span,
        spans.from_on,
        days.customer_id,
        count(*) as orders,
        sum(days.revenue_minor) as revenue_minor,
        sum(days.refund_minor) as refund_minor,
        sum(days.net_minor) as sales_minor,
        sum(days.margin_minor) as margin_minor
    from customer.days as days
    join audit.spans as spans on days.ordered_on >= spans.from_on and days.ordered_on < spans.until_on
    where spans.span <> 'observed'
    group by spans.span, spans.from_on, days.customer_id
)
select
    sums.span,
    sums.customer_id,
    summary.first_on >= sums.from_on as is_new,
    sums.orders,
    sums.revenue_minor,
    sums.refund_minor,
    sums.sales_minor,
    sums.margin_minor
from sums
join customer.summary as summary on summary.customer_id = sums.customer_id
