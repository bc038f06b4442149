-- campaign.homes: the store each customer buys at most.
-- One row per customer with an order up to as_of whose store is known: the store with the most order days, of several
-- the one whose key sorts first.
-- Reads facts.lines, run.parameters.
--   customer_id: our id of the customer
--   store_id: the shop's key of the store
--   order_days: order days there
with
days as (
    select customer_id, store_id, count(distinct ordered_on) as order_days
    from facts.lines
    where customer_id is not null
        and store_id is not null
        and ordered_on <= (select as_of from run.parameters)
    group by customer_id, store_id
),
ranked as (
    select
        customer_id,
        store_id,
        order_days,
        row_number() over (partition by customer_id order by order_days desc, store_id) as place
    from days
)
select customer_id, store_id, order_days
from ranked
where place = 1
