-- product.bring_back: products of first orders after which people came back more, or less, than others. An association, not a cause.
-- One row per product in the first order of ten customers or more. Only customers whose first order is 90 days old
-- count; came back means another order day within 90 days. Intervals are Wilson's and Newcombe's, 95 %.
-- Reads facts.lines, facts.products, customer.habit, run.parameters.
--   product_id: the shop's key of the product
--   product_name: its name
--   customers: customers whose first order held it
--   came_back: of them, those who came back
--   came_back_share: their share
--   came_back_low: lower bound
--   came_back_high: upper bound
--   others_customers: everybody else
--   others_came_back: of them, those who came back
--   others_share: their share
--   difference: the first share minus the other
--   difference_low: lower bound
--   difference_high: upper bound
with
beginners as (
    select
        customer_id,
        first_on,
        case when second_on - first_on <= 90 then 1 else 0 end as came_back
    from customer.habit
    where (select as_of from run.parameters) - first_on >= 90
),
whole as (
    select count(*) as customers, sum(came_back) as came_back from beginners
),
first_products as (
    select lines.product_id, lines.customer_id, max(beginners.came_back) as came_back
    from facts.lines as lines
    join beginners on beginners.customer_id = lines.customer_id and beginners.first_on = lines.ordered_on
    where lines.product_id is not null
    group by lines.product_id, lines.customer_id
),
counts as (
    select product_id, count(*) as customers, sum(came_back) as came_back
    from first_products
    group by product_id
    having count(*) >= 10
),
shares as (
    select
        counts.product_id,
        counts.customers,
        counts.came_back,
        whole.customers - counts.customers as others_customers,
        whole.came_back - counts.came_back as others_came_back,
        share_interval(counts.came_back, counts.customers) as share,
        share_interval(whole.came_back - counts.came_back, whole.customers - counts.customers) as others,
        share_difference(
            counts.came_back,
            counts.customers,
            whole.came_back - counts.came_back,
            whole.customers - counts.customers
        ) as difference
    from whole
    cross join counts
    where whole.customers > counts.customers
)
select
    shares.product_id,
    products.product_name,
    shares.customers,
    shares.came_back,
    shares.share['value'] as came_back_share,
    shares.share['low'] as came_back_low,
    shares.share['high'] as came_back_high,
    shares.others_customers,
    shares.others_came_back,
    shares.others['value'] as others_share,
    shares.difference['value'] as difference,
    shares.difference['low'] as difference_low,
    shares.difference['high'] as difference_high
from shares
left join facts.products as products on products.product_id = shares.product_id
