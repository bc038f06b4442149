-- customer.purchases: which products each customer has bought, how often and how lately.
-- One row per customer and product bought on a known customer's order day up to as_of. What is bought on one day counts
-- once.
-- Reads facts.lines, customer.days, run.parameters.
--   customer_id: our id of the customer
--   product_id: the shop's key of the product
--   order_days: days on which it was bought
--   last_on: the last of them
--   recency: place of that day among the customer's order days, over their number; 1 for the newest
with
bought as (
    select customer_id, product_id, ordered_on
    from facts.lines
    where customer_id is not null
        and product_id is not null
        and ordered_on <= (select as_of from run.parameters)
    group by customer_id, product_id, ordered_on
),
visits as (
    select
        customer_id,
        ordered_on,
        row_number() over (partition by customer_id order by ordered_on) as place,
        count(*) over (partition by customer_id) as visits
    from customer.days
)
select
    bought.customer_id,
    bought.product_id,
    count(*) as order_days,
    max(bought.ordered_on) as last_on,
    max(visits.place / cast(visits.visits as double)) as recency
from bought
join visits on visits.customer_id = bought.customer_id and visits.ordered_on = bought.ordered_on
group by bought.customer_id, bought.product_id
