-- customer.propensity: probability that each customer orders within the run's horizon.
-- One row per customer with at least one order. A logistic regression on eleven columns (fits.features), trained on
-- windows shifted into the past and calibrated on predictions for customers it had not seen. Where boosted trees won
-- on the shop's own held-out time, the run scores with those and this relation with the regression beside them.
-- Reads fits.features, fits.propensity.
--   customer_id: our id of the customer
--   p_order: probability of an order within the horizon, calibrated
select
    features.customer_id,
    calibrated(
        logistic(
            fit.coefficients,
            make_array(
                features.order_days,
                features.days_since_last,
                features.age_days,
                features.recency_days,
                features.mean_value,
                features.total_value,
                features.mean_gap_days,
                features.silence_in_gaps,
                features.order_days_30,
                features.order_days_90,
                features.order_days_180
            )
        ),
        fit.calibration,
        fit.calibration_numbers
    ) as p_order
from fits.propensity as fit
cross join fits.features as features
where features.window_number = 0
