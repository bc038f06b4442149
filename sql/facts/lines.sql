-- facts.lines: what was bought, line by line, in the shop's currency.
-- One row per line of an order. Lines in another currency are left out here and counted in data.defects.
-- Reads lake.lines, run.parameters.
--   source: the shop or system the line comes from
--   order_id: the shop's key of the order
--   customer_id: our id of the customer; absent on anonymous lines
--   ordered_at: when, UTC
--   ordered_on: the shop's local day
--   product_id: the shop's key of the product
--   product_name: its name on the bill
--   category: its category on the bill
--   quantity_milli: thousandths of a unit
--   unit_price: price of one unit, digits without the point
--   unit_price_scale: how many of those digits stand after the point
--   total_minor: what was paid for the line, discount off
--   discount_minor: what was taken off; absent where the file does not say
--   tax_minor: tax within or on the line; absent where the file does not say
--   cost_minor: what the goods cost the shop; absent where the file does not say
--   store_id: the shop's key of the store
--   channel: till, web, app, marketplace, as the file says
--   tender: how it was paid
select
    source,
    order_id,
    customer_id,
    ordered_at,
    ordered_on,
    product_id,
    product_name,
    category,
    quantity_milli,
    unit_price,
    unit_price_scale,
    total_minor,
    discount_minor,
    tax_minor,
    cost_minor,
    store_id,
    channel,
    tender
from lake.lines
where currency = (select currency from run.parameters)
