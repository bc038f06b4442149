-- facts.customers: what the shop's files say of a customer that is not a person.
-- One row per customer named in a customer file; the newest row wins where files disagree.
-- Reads lake.customers.
--   customer_id: our id of the customer
--   joined_on: the earliest day of enrolment in any file
--   birth_month: 1 to 12; absent where unknown
--   store_id: the home store
--   channel: where the customer enrolled
--   tier: the tier the shop's old program gave
select
    customer_id,
    min(joined_on) as joined_on,
    last_value(birth_month order by import_id) filter (where birth_month is not null) as birth_month,
    last_value(store_id order by import_id) filter (where store_id is not null) as store_id,
    last_value(channel order by import_id) filter (where channel is not null) as channel,
    last_value(tier order by import_id) filter (where tier is not null) as tier
from lake.customers
group by customer_id
