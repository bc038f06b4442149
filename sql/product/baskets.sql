-- product.baskets: which products stand on one bill, in the newest baskets.
-- One row per order and product, in the days of product.recent. Kept. Orders of more than 100 products (a wholesaler's)
-- are left out.
-- Reads facts.lines, facts.products, product.recent.
--   order_number: the order's place among all by its key, which holds for one run
--   product_number: the product's number in facts.products
with
lines as (
    select lines.source, lines.order_id, products.product_number
    from facts.products as products
    join facts.lines as lines on lines.product_id = products.product_id
    where lines.ordered_on >= (select from_on from product.recent)
        and lines.ordered_on <= (select until_on from product.recent)
),
orders as (
    select source, order_id, cast(row_number() over (order by source, order_id) as bigint) as order_number
    from (select source, order_id from lines group by source, order_id)
),
baskets as (
    select orders.order_number, lines.product_number
    from orders
    join lines on lines.source = orders.source and lines.order_id = orders.order_id
    group by orders.order_number, lines.product_number
)
select order_number, product_number
from baskets
where order_number not in (select order_number from baskets group by order_number having count(*) > 100)
