-- customer.scores: everything a run says of each customer, side by side.
-- One row per customer with at least one order: the file of --out-scores. Where leaving cannot be told (model is nbd),
-- p_alive is absent rather than 1.
-- Reads customer.summary, customer.rfm, customer.cadence, customer.segment, customer.value, customer.propensity.
--   customer_id: our id of the customer
--   first_on: first order day
--   last_on: last order day
--   order_days: days with an order
--   frequency: order days after the first
--   recency_days: days from the first to the last order day
--   age_days: days from the first order day to as_of
--   quiet_days: days from the last order day to as_of
--   revenue_minor: what the customer has paid
--   refund_minor: what was given back of it
--   net_minor: revenue less refund
--   margin_to_date_minor: margin on the net so far
--   mean_spend_minor: mean net of the order days after the first; absent without them
--   recency_score: 5 for those who ordered last, 1 for those quiet the longest
--   frequency_score: 5 for those who ordered most often
--   monetary_score: 5 for those who paid most
--   rfm: the three scores in a row
--   rfm_segment: the group of the three scores, as marketers name it
--   segment: the kind of customer, in the words of a shop
--   state: new, active, returning, at_risk, lapsed, by the customer's own clock
--   since_on: the day the state began
--   usual_gap_days: median days to the next order
--   expected_on: the day by which the next order was or is expected
--   days_late: days past that day
--   lateness: share of such gaps that would have ended by now
--   at_risk_on: first day at which the customer is late if no order comes
--   lapsed_on: first day at which the customer has lapsed if no order comes
--   model: what the expectation comes from
--   p_alive: probability that the customer still is one
--   p_order: probability of an order within the run's horizon, by the model
--   propensity: the same by the regression on the customer's record; absent where none could be learnt
--   orders_3m: expected order days in three months
--   orders_3m_low: fewest
--   orders_3m_high: most
--   orders_12m: expected order days in twelve months
--   orders_12m_low: fewest
--   orders_12m_high: most
--   order_value_minor: expected net of an order day
--   margin_share: the customer's margin as a share of net
--   margin_3m_minor: expected margin in three months
--   margin_3m_low_minor: lower bound
--   margin_3m_high_minor: upper bound
--   margin_12m_minor: expected margin in twelve months
--   margin_12m_low_minor: lower bound
--   margin_12m_high_minor: upper bound
--   at_stake_minor: what a sure customer of this habit would bring in twelve months, less margin_12m_minor
--   clv_minor: expected margin of all time to come, discounted
--   value_rank: 1 for the highest lifetime value
--   value_decile: 1 for the tenth with the highest lifetime value
select
    summary.customer_id,
    summary.first_on,
    summary.last_on,
    summary.order_days,
    summary.frequency,
    summary.recency_days,
    summary.age_days,
    summary.quiet_days,
    summary.revenue_minor,
    summary.refund_minor,
    summary.net_minor,
    summary.margin_minor as margin_to_date_minor,
    summary.mean_spend_minor,
    rfm.recency_score,
    rfm.frequency_score,
    rfm.monetary_score,
    rfm.rfm,
    rfm.segment as rfm_segment,
    segment.segment,
    cadence.state,
    cadence.since_on,
    cadence.usual_gap_days,
    cadence.expected_on,
    cadence.days_late,
    cadence.lateness,
    cadence.at_risk_on,
    cadence.lapsed_on,
    value.model,
    case when value.model <> 'nbd' then value.p_alive end as p_alive,
    value.p_order,
    propensity.p_order as propensity,
    value.orders_3m,
    value.orders_3m_low,
    value.orders_3m_high,
    value.orders_12m,
    value.orders_12m_low,
    value.orders_12m_high,
    value.order_value_minor,
    value.margin_share,
    value.margin_3m_minor,
    value.margin_3m_low_minor,
    value.margin_3m_high_minor,
    value.margin_12m_minor,
    value.margin_12m_low_minor,
    value.margin_12m_high_minor,
    value.at_stake_minor,
    value.clv_minor,
    value.value_rank,
    value.value_decile
from customer.summary as summary
join customer.rfm as rfm on rfm.customer_id = summary.customer_id
join customer.cadence as cadence on cadence.customer_id = summary.customer_id
join customer.segment as segment on segment.customer_id = summary.customer_id
join customer.value as value on value.customer_id = summary.customer_id
left join customer.propensity as propensity on propensity.customer_id = summary.customer_id
