-- audit.expected_margins: the margin each customer is expected to bring in twelve months, for the curve of concentration.
-- One row per customer with at least one order.
-- Reads customer.value.
--   margin_12m_minor: the customer's expected margin
select margin_12m_minor
from customer.value
