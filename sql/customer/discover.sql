-- customer.discover: up to ten products each customer has not bought, and people like them have.
-- At most ten rows per customer. Each product bought speaks for those like it, once for every day it was bought on
-- (`stats::recommend`); equal ones in order of popularity. What the customer has bought is in customer.buy_again, never
-- here: the two lists have two aims, and are judged apart.
-- Reads customer.purchases, product.likeness, product.popularity.
--   customer_id: our id of the customer
--   place: 1 for the first to offer
--   product_id: the shop's key of the product
--   score: the score; only the order means something
with
votes as (
    select
        purchases.customer_id,
        likeness.near_product_id as product_id,
        sum(purchases.order_days * likeness.likeness) as score
    from customer.purchases as purchases
    join product.likeness as likeness on likeness.product_id = purchases.product_id
    group by purchases.customer_id, likeness.near_product_id
),
ranked as (
    select
        votes.customer_id,
        votes.product_id,
        votes.score,
        row_number() over (partition by votes.customer_id order by votes.score desc, popularity.place) as place
    from votes
    left join customer.purchases as own
        on own.customer_id = votes.customer_id and own.product_id = votes.product_id
    join product.popularity as popularity on popularity.product_id = votes.product_id
    where own.product_id is null
)
select customer_id, place, product_id, score
from ranked
where place <= 10
