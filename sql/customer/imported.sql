-- customer.imported: what files have told of each customer, day by day: what the record of live orders does not know.
-- One row per customer, day and currency on which they bought or something of theirs came back.
-- Reads lake.lines, lake.returns.
--   customer_id: our id of the customer
--   moved_on: the shop's local day of the order, or of the return
--   currency: ISO 4217
--   is_order: 1 where something was bought on that day, 0 where something came back only
--   kept_minor: what was paid for lines of that day, less what was given back on it
with
moved as (
    select customer_id, ordered_on as moved_on, currency, 1 as is_order, total_minor as kept_minor
    from lake.lines
    where import_id <> 'log' and customer_id is not null
    union all
    select customer_id, returned_on as moved_on, currency, 0 as is_order, -refund_minor as kept_minor
    from lake.returns
    where import_id <> 'log' and customer_id is not null
)
select
    customer_id,
    moved_on,
    currency,
    max(is_order) as is_order,
    sum(kept_minor) as kept_minor
from moved
group by customer_id, moved_on, currency
