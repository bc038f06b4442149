-- product.affinity: which products are bought together more than chance would have it.
-- At most 1,000 rows, one per pair found in five orders or more, best first. Pairs are ordered by the lower bound of
-- lift (Garwood's exact bound of the count of orders with both, `stats::affinity`), so that a pair seen twice by chance
-- never comes first.
-- Reads product.baskets, facts.products.
--   first_product_id: the product whose key sorts first
--   first_product_name: its name
--   second_product_id: the other
--   second_product_name: its name
--   orders_first: orders with the first
--   orders_second: orders with the second
--   orders_both: orders with both
--   support: those as a share of all orders
--   confidence: share of orders with the first that hold the second
--   confidence_back: share of orders with the second that hold the first
--   lift: orders with both over those expected by chance
--   lift_low: its lower bound, 95 % one-sided
with
whole as (
    select count(distinct order_number) as orders from product.baskets
),
singles as (
    select product_number, count(*) as orders
    from product.baskets
    group by product_number
    having count(*) >= 5
),
candidates as (
    select baskets.order_number, baskets.product_number
    from singles
    join product.baskets as baskets on baskets.product_number = singles.product_number
),
pairs as (
    select a.product_number as first_number, b.product_number as second_number, count(*) as orders_both
    from candidates as a
    join candidates as b on b.order_number = a.order_number and a.product_number < b.product_number
    group by a.product_number, b.product_number
    having count(*) >= 5
),
lifts as (
    select
        pairs.first_number,
        pairs.second_number,
        a.orders as orders_first,
        b.orders as orders_second,
        pairs.orders_both,
        whole.orders,
        a.orders * cast(b.orders as double) / whole.orders as orders_expected
    from whole
    cross join pairs
    join singles as a on a.product_number = pairs.first_number
    join singles as b on b.product_number = pairs.second_number
)
select
    first_products.product_id as first_product_id,
    first_products.product_name as first_product_name,
    second_products.product_id as second_product_id,
    second_products.product_name as second_product_name,
    lifts.orders_first,
    lifts.orders_second,
    lifts.orders_both,
    lifts.orders_both / cast(lifts.orders as double) as support,
    lifts.orders_both / cast(lifts.orders_first as double) as confidence,
    lifts.orders_both / cast(lifts.orders_second as double) as confidence_back,
    lifts.orders_both / lifts.orders_expected as lift,
    poisson_low(lifts.orders_both) / lifts.orders_expected as lift_low
from lifts
join facts.products as first_products on first_products.product_number = lifts.first_number
join facts.products as second_products on second_products.product_number = lifts.second_number
order by lift_low desc, orders_both desc, first_product_id, second_product_id
limit 1000
