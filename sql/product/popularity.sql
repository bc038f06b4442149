-- product.popularity: how many of the known customers' order days hold each product.
-- One row per product bought by a known customer. Kept.
-- Reads customer.purchases.
--   product_id: the shop's key of the product
--   customers: customers who bought it
--   order_days: customers' order days that hold it
--   popularity: those over the ones of the most popular product, 0 to 1
--   place: 1 for the most popular; equals by product key
with
counts as (
    select product_id, count(*) as customers, sum(order_days) as order_days
    from customer.purchases
    group by product_id
)
select
    product_id,
    customers,
    order_days,
    order_days / cast(max(order_days) over () as double) as popularity,
    row_number() over (order by order_days desc, product_id) as place
from counts
