-- customer.propensity: probability that each customer orders within the run's horizon.
-- One row per customer with at least one order; no rows where there are too few customers to learn from. Learnt from
-- eleven columns (fits.features) on windows shifted into the past and calibrated on predictions for customers it had not
-- seen: a logistic regression, or boosted trees where they did better on the shop's own held-out time.
-- Reads fits.propensity.
--   customer_id: our id of the customer
--   p_order: probability of an order within the horizon, calibrated
select customer_id, p_order from fits.propensity
