-- program.returns: what the customers of one span brought back within a time, of orders they brought it back from.
-- One row per returned line that names its order. Which customers and which time is asked by run.history.
-- Reads facts.returns, run.history.
--   customer_id: our id of the customer
--   source: the shop or system the return comes from
--   return_id: the shop's key of the return
--   order_id: the order it came from
--   returned_at: when it came back, UTC
--   product_id: the shop's key of the product
--   quantity_milli: thousandths of a unit, positive; absent where the file does not say
--   refund_minor: what was given back, positive
select
    returns.customer_id,
    returns.source,
    returns.return_id,
    returns.order_id,
    returns.returned_at,
    returns.product_id,
    returns.quantity_milli,
    returns.refund_minor
from facts.returns as returns
cross join run.history as history
where returns.customer_id is not null
    and returns.order_id is not null
    and returns.returned_on >= history.from_on
    and returns.returned_on < history.until_on
    and (history.first_id is null or returns.customer_id >= history.first_id)
    and (history.past_id is null or returns.customer_id < history.past_id)
