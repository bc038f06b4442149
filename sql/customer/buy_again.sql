-- customer.buy_again: the ten products each customer will most likely buy next, most of them bought before.
-- Ten rows per customer with a purchase of a product, fewer in a shop of few products. Bought products are never left
-- out, and the list is filled up with popular ones. Judged by what is in the next basket (recall@10, nDCG@10).
-- The score is count + 0.5 recency + 0.9 popularity (`stats::recommend`), equal ones in order of popularity, then of
-- product key.
-- Reads customer.purchases, product.popularity.
--   customer_id: our id of the customer
--   place: 1 for the first to offer
--   product_id: the shop's key of the product
--   score: the score; only the order means something
--   is_bought: whether the customer has bought it before
with
own as (
    select
        purchases.customer_id,
        purchases.product_id,
        purchases.order_days + 0.5 * purchases.recency + 0.9 * popularity.popularity as score,
        popularity.place as popularity_place,
        true as is_bought
    from customer.purchases as purchases
    join product.popularity as popularity on popularity.product_id = purchases.product_id
),
ranked as (
    select
        *,
        row_number() over (
            partition by customer_id order by score desc, popularity_place
        ) as place
    from own
),
best as (
    select customer_id, place, product_id, score, popularity_place, is_bought from ranked where place <= 10
),
short as (
    select customer_id, count(*) as products from best group by customer_id having count(*) < 10
),
-- Twenty popular products are enough: at most nine of them can be the customer's own.
fillers as (
    select
        short.customer_id,
        short.products,
        popularity.product_id,
        0.9 * popularity.popularity as score,
        popularity.place as popularity_place
    from short
    cross join (
        select product_id, popularity, place from product.popularity where place <= 20
    ) as popularity
),
filled as (
    select
        fillers.customer_id,
        fillers.products
            + row_number() over (partition by fillers.customer_id order by fillers.popularity_place) as place,
        fillers.product_id,
        fillers.score
    from fillers
    left join best on best.customer_id = fillers.customer_id and best.product_id = fillers.product_id
    where best.product_id is null
)
select customer_id, place, product_id, score, is_bought from best
union all
select customer_id, place, product_id, score, false as is_bought from filled where place <= 10
