-- audit.period_margins: the margin of each customer of the period, for the curve of concentration.
-- One row per customer with an order in the period.
-- Reads audit.customers.
--   margin_minor: the customer's margin in the period
select margin_minor
from audit.customers
where span = 'period'
