-- customer.number: each customer as a number, for joins and groups over many lines.
-- One row per customer with at least one order. Kept. The numbers hold for one run.
-- Reads customer.habit.
--   customer_id: our id of the customer
--   customer_number: its place among all by that id
select customer_id, cast(row_number() over (order by customer_id) as bigint) as customer_number
from customer.habit
