-- customer.segment: what kind of customer each is, in the words of a shop.
-- One row per customer with at least one order.
-- The state of the customer's own clock comes first; those on time are told apart among all who came back: often
-- means the upper three fifths by order days, much the upper two fifths by what they paid or by order value.
-- Reads customer.summary, customer.cadence.
--   customer_id: our id of the customer
--   segment: heart (often and much), regulars (often), big_rare (large orders), occasional, new, slipping (late), one_time (one order, long ago), gone (several orders, long ago)
with
repeaters as (
    select
        cast(order_days as double) as order_days,
        cast(net_minor as double) as net_minor,
        net_minor / cast(order_days as double) as order_value_minor
    from customer.summary
    where order_days > 1
),
cuts as (
    select
        score_cuts(order_days, 'higher_is_better', 'lowest') as often,
        score_cuts(net_minor, 'higher_is_better', 'middle') as much,
        score_cuts(order_value_minor, 'higher_is_better', 'middle') as large
    from repeaters
),
scores as (
    select
        summary.customer_id,
        summary.order_days,
        cadence.state,
        score(cuts.often, cast(summary.order_days as double), 'higher_is_better') as often,
        score(cuts.much, cast(summary.net_minor as double), 'higher_is_better') as much,
        score(
            cuts.large, summary.net_minor / cast(summary.order_days as double), 'higher_is_better'
        ) as large
    from cuts
    cross join customer.summary as summary
    join customer.cadence as cadence on cadence.customer_id = summary.customer_id
)
select
    customer_id,
    case
        when order_days = 1 and state = 'new' then 'new'
        when order_days = 1 then 'one_time'
        when state = 'lapsed' then 'gone'
        when state = 'at_risk' then 'slipping'
        when often >= 4 and much >= 4 then 'heart'
        when often >= 3 then 'regulars'
        when large >= 4 then 'big_rare'
        else 'occasional'
    end as segment
from scores
