-- program.members: since when the customers of one span are customers, by the shop's own files.
-- One row per customer of the span who is named in a customer file. Which customers is asked by run.history.
-- Reads facts.customers, run.history.
--   customer_id: our id of the customer
--   joined_on: the earliest day of enrolment in any file; absent where none says
select customers.customer_id, customers.joined_on
from facts.customers as customers
cross join run.history as history
where (history.first_id is null or customers.customer_id >= history.first_id)
    and (history.past_id is null or customers.customer_id < history.past_id)
