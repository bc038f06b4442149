-- facts.events: what else happened: reviews, check-ins, rewards taken, points sent.
-- One row per event, from event files and from what was recorded live.
-- Reads lake.events.
--   source: the shop or system the event comes from
--   event_id: the source's message id; absent where the record itself is the source
--   customer_id: our id of the customer; absent on anonymous events
--   happened_at: when, UTC
--   happened_on: the shop's local day
--   name: what happened, past tense
--   order_id: the order it is about
--   product_id: the product it is about
--   store_id: the store
--   channel: the channel
select
    source,
    event_id,
    customer_id,
    happened_at,
    happened_on,
    name,
    order_id,
    product_id,
    store_id,
    channel
from lake.events
