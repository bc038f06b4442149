-- product.baskets: which products stand on one bill, in the newest baskets.
-- One row per order and product, in the days of product.recent. Kept. Orders of more than 100 products (a wholesaler's)
-- are left out.
-- Reads facts.lines, product.recent.
--   source: the shop or system of the order
--   order_id: the shop's key of the order
--   product_id: the shop's key of the product
with
baskets as (
    select source, order_id, product_id
    from facts.lines
    where product_id is not null
        and ordered_on >= (select from_on from product.recent)
        and ordered_on <= (select until_on from product.recent)
    group by source, order_id, product_id
),
wholesale as (
    select source, order_id from baskets group by source, order_id having count(*) > 100
)
select baskets.source, baskets.order_id, baskets.product_id
from baskets
left join wholesale on wholesale.source = baskets.source and wholesale.order_id = baskets.order_id
where wholesale.order_id is null
