-- program.lines: what the customers of one span bought within a time, as a program would have seen it.
-- One row per line of an order with a customer. Which customers and which time is asked by run.history.
-- Reads facts.lines, run.history.
--   customer_id: our id of the customer
--   source: the shop or system the line comes from
--   order_id: the shop's key of the order
--   ordered_at: when, UTC
--   product_id: the shop's key of the product
--   category: its category on the bill
--   quantity_milli: thousandths of a unit; absent where the file does not say
--   total_minor: what was paid for the line, discount off
--   discount_minor: what was taken off; absent where the file does not say
--   tax_minor: tax within or on the line; absent where the file does not say
--   store_id: the shop's key of the store
--   channel: till, web, app, marketplace, as the file says
--   tender: how it was paid
select
    lines.customer_id,
    lines.source,
    lines.order_id,
    lines.ordered_at,
    lines.product_id,
    lines.category,
    lines.quantity_milli,
    lines.total_minor,
    lines.discount_minor,
    lines.tax_minor,
    lines.store_id,
    lines.channel,
    lines.tender
from facts.lines as lines
cross join run.history as history
where lines.customer_id is not null
    and lines.ordered_on >= history.from_on
    and lines.ordered_on < history.until_on
    and (history.first_id is null or lines.customer_id >= history.first_id)
    and (history.past_id is null or lines.customer_id < history.past_id)
