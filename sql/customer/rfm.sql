-- customer.rfm: how lately, how often and for how much each customer bought, scored against the others.
-- One row per customer with at least one order. Scores are fifths of the base, 1 (worst) to 5 (best); equal values
-- share a score (`stats::rfm`). Frequency counts order days; monetary is all the customer has paid, returns off.
-- Reads customer.summary.
--   customer_id: our id of the customer
--   recency_score: 5 for those who ordered last
--   frequency_score: 5 for those who ordered most often
--   monetary_score: 5 for those who paid most
--   rfm: the three scores in a row, 555 for the best
--   segment: champions, loyal, growing, new, promising, needs_attention, cooling, at_risk, cannot_lose_them, lapsed
with
cuts as (
    select
        score_cuts(cast(quiet_days as double), 'lower_is_better', 'middle') as recency,
        score_cuts(cast(order_days as double), 'higher_is_better', 'lowest') as frequency,
        score_cuts(cast(net_minor as double), 'higher_is_better', 'middle') as monetary
    from customer.summary
),
scores as (
    select
        summary.customer_id,
        summary.order_days,
        score(cuts.recency, cast(summary.quiet_days as double), 'lower_is_better') as recency_score,
        score(cuts.frequency, cast(summary.order_days as double), 'higher_is_better') as frequency_score,
        score(cuts.monetary, cast(summary.net_minor as double), 'higher_is_better') as monetary_score
    from cuts
    cross join customer.summary as summary
)
select
    customer_id,
    recency_score,
    frequency_score,
    monetary_score,
    concat(
        cast(recency_score as varchar), cast(frequency_score as varchar), cast(monetary_score as varchar)
    ) as rfm,
    rfm_segment(recency_score, frequency_score, monetary_score, order_days) as segment
from scores
