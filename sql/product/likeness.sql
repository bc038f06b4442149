-- product.likeness: which products are bought by the same customers.
-- At most 20 rows per product, one per product like it. Kept. Likeness is the cosine of the products over customers
-- (Sarwar and others 2001) in the newest baskets (product.recent): customers of both over the root of the product of
-- their customers. Customers of more than 200 products (a wholesaler) say nothing and are left out, and so are pairs
-- with fewer than two customers in common.
-- Reads facts.lines, product.recent.
--   product_id: the shop's key of the product
--   near_product_id: the product like it
--   customers: customers of both
--   likeness: 0 to 1
--   place: 1 for the nearest; of equals the one with more customers, then by product key
with
owned as (
    select customer_id, product_id
    from facts.lines
    where customer_id is not null
        and product_id is not null
        and ordered_on >= (select from_on from product.recent)
        and ordered_on <= (select until_on from product.recent)
    group by customer_id, product_id
),
-- Numbers for the joins: pairs are many.
sizes as (
    select customer_id, row_number() over (order by customer_id) as customer_number
    from owned
    group by customer_id
    having count(*) between 2 and 200
),
buyers as (
    select product_id, count(*) as customers, row_number() over (order by product_id) as product_number
    from owned
    where customer_id not in (select customer_id from owned group by customer_id having count(*) > 200)
    group by product_id
    having count(*) > 1
),
counted as (
    select sizes.customer_number, buyers.product_number
    from sizes
    join owned on owned.customer_id = sizes.customer_id
    join buyers on buyers.product_id = owned.product_id
),
pairs as (
    select a.product_number, b.product_number as near_product_number, count(*) as customers
    from counted as a
    join counted as b on b.customer_number = a.customer_number and a.product_number <> b.product_number
    group by a.product_number, b.product_number
    having count(*) > 1
),
alike as (
    select
        a.product_id,
        b.product_id as near_product_id,
        pairs.customers,
        pairs.customers / sqrt(a.customers * cast(b.customers as double)) as likeness,
        b.customers as near_customers
    from pairs
    join buyers as a on a.product_number = pairs.product_number
    join buyers as b on b.product_number = pairs.near_product_number
),
ranked as (
    select
        product_id,
        near_product_id,
        customers,
        likeness,
        row_number() over (
            partition by product_id order by likeness desc, near_customers desc, near_product_id
        ) as place
    from alike
)
select product_id, near_product_id, customers, likeness, place
from ranked
where place <= 20
