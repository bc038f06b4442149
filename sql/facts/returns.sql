-- facts.returns: what came back, each return on the day of the order it undoes, in the shop's currency.
-- One row per returned line. Kept.
-- A return that names its order is placed on that order's day, and takes its customer where the file gives none. A
-- return that names no order is placed on the customer's last order day up to the day it came back. A return that
-- names an order we do not have undoes a sale from before our time and has no ordered_on.
-- Reads lake.returns, facts.lines, run.parameters.
--   source: the shop or system the return comes from
--   return_id: the shop's key of the return
--   order_id: the order it came from, where known
--   customer_id: our id of the customer; absent on anonymous returns
--   ordered_on: the day of the order it undoes; absent where that order is not here
--   returned_at: when it came back, UTC
--   returned_on: the shop's local day it came back
--   product_id: the shop's key of the product
--   product_name: its name on the bill
--   quantity_milli: thousandths of a unit, positive
--   refund_minor: what was given back, positive
--   cost_minor: what the goods had cost the shop; absent where the file does not say
--   reason: the reason code of the file
--   store_id: the shop's key of the store
--   channel: till, web, app, marketplace, as the file says
with
returned as (
    select * from lake.returns where currency = (select currency from run.parameters)
),
named as (
    select order_id, min(ordered_on) as ordered_on
    from facts.lines
    where order_id in (select order_id from returned where order_id is not null)
    group by order_id
),
owners as (
    select order_id, max(customer_id) as customer_id
    from facts.lines
    where order_id in (select order_id from returned where order_id is not null and customer_id is null)
    group by order_id
),
guessed as (
    select returned.row_key, max(lines.ordered_on) as ordered_on
    from (
        select row_key, customer_id, returned_on
        from returned
        where order_id is null and customer_id is not null
    ) as returned
    join facts.lines as lines
        on lines.customer_id = returned.customer_id and lines.ordered_on <= returned.returned_on
    group by returned.row_key
)
select
    returned.source,
    returned.return_id,
    returned.order_id,
    coalesce(returned.customer_id, owners.customer_id) as customer_id,
    coalesce(named.ordered_on, guessed.ordered_on) as ordered_on,
    returned.returned_at,
    returned.returned_on,
    returned.product_id,
    returned.product_name,
    returned.quantity_milli,
    returned.refund_minor,
    returned.cost_minor,
    returned.reason,
    returned.store_id,
    returned.channel
from returned
left join named on named.order_id = returned.order_id
left join owners on owners.order_id = returned.order_id and returned.customer_id is null
left join guessed on guessed.row_key = returned.row_key
