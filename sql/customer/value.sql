-- customer.value: what each customer is expected to bring, and how sure we are.
-- One row per customer with at least one order. Kept.
-- Orders come from the model that did best on held-out time (fits.latest, is_chosen). Where none beat the naive rules,
-- the best of those is used and has no bounds: own_rate (the customer's past rate goes on), mean (everybody orders at
-- the same rate), hiatus (own rate, or nothing after too long a silence), last_window (the newest stretch again).
-- Three months are 91 days, twelve are 365. Low and high bound what will happen with 95 % probability; the bounds
-- of a margin are those of orders at the expected spend. Spend per order comes from the gamma-gamma model, else
-- from the customer's own mean, else from the shop's median. Customers alike in frequency, recency and age are
-- computed once.
-- Reads customer.summary, customer.last_window, fits.statistics, fits.latest, data.margin, run.parameters.
--   customer_id: our id of the customer
--   model: what the expectation comes from
--   p_alive: probability that the customer still is one; absent under a naive rule
--   p_order: probability of an order within the run's horizon; absent under a naive rule
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
--   clv_minor: expected margin of all time to come, discounted at the run's yearly rate; 12 months under a naive rule
--   value_rank: 1 for the highest lifetime value
--   value_decile: 1 for the tenth with the highest lifetime value
with
model as (
    select
        chosen.model as name,
        chosen.parameters,
        spend.parameters as spend_parameters,
        cast(run.horizon_days as double) as horizon_days,
        run.discount_rate,
        margin.margin_share
    from run.parameters as run
    cross join data.margin as margin
    left join fits.latest as chosen
        on chosen.is_chosen and chosen.model not in ('own_rate', 'mean', 'hiatus', 'last_window')
    left join fits.latest as spend on spend.model = 'gamma_gamma'
),
rule as (
    select max(model) as name, max(parameters[1]) as number
    from fits.latest
    where is_chosen and model in ('own_rate', 'mean', 'hiatus', 'last_window')
),
usual as (
    select median(coalesce(mean_spend_minor, cast(net_minor as double))) as order_value_minor
    from customer.summary
    where net_minor > 0
),
outlook as (
    select
        frequency,
        recency_days,
        age_days,
        p_alive(model.name, model.parameters, frequency, recency_days, age_days) as p_alive,
        1.0 - p_no_order(model.name, model.parameters, frequency, recency_days, age_days, horizon_days) as p_order,
        orders_within(model.name, model.parameters, frequency, recency_days, age_days, 91.0) as orders_3m,
        orders_within(model.name, model.parameters, frequency, recency_days, age_days, 365.0) as orders_12m,
        discounted_orders(model.name, model.parameters, frequency, recency_days, age_days, discount_rate)
            as orders_discounted,
        case
            when rule.name = 'mean' then rule.number
            when rule.name = 'hiatus' and age_days - recency_days > rule.number then 0.0
            when age_days > 0 then frequency / cast(age_days as double)
            else 0.0
        end as own_rate
    from rule
    cross join model
    cross join fits.statistics
),
naive as (
    select
        summary.customer_id,
        summary.frequency,
        summary.recency_days,
        summary.age_days,
        summary.mean_spend_minor,
        summary.net_minor,
        summary.margin_minor,
        coalesce(rule.name, 'own_rate') as rule,
        case
            when rule.name = 'last_window' then coalesce(recent.orders / cast(recent.days as double), 0.0)
        end as recent_rate
    from rule
    cross join customer.summary as summary
    left join customer.last_window as recent on recent.customer_id = summary.customer_id
),
expected as (
    select
        summary.customer_id,
        coalesce(model.name, summary.rule) as model,
        outlook.p_alive,
        outlook.p_order,
        coalesce(outlook.orders_3m['expected'], coalesce(summary.recent_rate, outlook.own_rate) * 91.0) as orders_3m,
        outlook.orders_3m['low'] as orders_3m_low,
        outlook.orders_3m['high'] as orders_3m_high,
        coalesce(outlook.orders_12m['expected'], coalesce(summary.recent_rate, outlook.own_rate) * 365.0) as orders_12m,
        outlook.orders_12m['low'] as orders_12m_low,
        outlook.orders_12m['high'] as orders_12m_high,
        coalesce(outlook.orders_discounted, coalesce(summary.recent_rate, outlook.own_rate) * 365.0)
            as orders_discounted,
        coalesce(
            expected_spend(model.spend_parameters, summary.frequency, summary.mean_spend_minor),
            case when summary.mean_spend_minor > 0 then summary.mean_spend_minor end,
            usual.order_value_minor,
            0.0
        ) as order_value_minor,
        -- A share beyond the whole comes from returns larger than sales and says nothing of the next sale.
        case
            when summary.net_minor > 0 and abs(summary.margin_minor) <= summary.net_minor
                then summary.margin_minor / cast(summary.net_minor as double)
            else model.margin_share
        end as margin_share
    -- One-row tables stand first: a cross join holds its left side in memory.
    from model
    cross join usual
    cross join naive as summary
    join outlook
        on outlook.frequency = summary.frequency
        and outlook.recency_days = summary.recency_days
        and outlook.age_days = summary.age_days
),
valued as (
    select *, order_value_minor * margin_share as margin_minor from expected
)
select
    customer_id,
    model,
    p_alive,
    p_order,
    orders_3m,
    orders_3m_low,
    orders_3m_high,
    orders_12m,
    orders_12m_low,
    orders_12m_high,
    order_value_minor,
    margin_share,
    orders_3m * margin_minor as margin_3m_minor,
    least(orders_3m_low * margin_minor, orders_3m_high * margin_minor) as margin_3m_low_minor,
    greatest(orders_3m_low * margin_minor, orders_3m_high * margin_minor) as margin_3m_high_minor,
    orders_12m * margin_minor as margin_12m_minor,
    least(orders_12m_low * margin_minor, orders_12m_high * margin_minor) as margin_12m_low_minor,
    greatest(orders_12m_low * margin_minor, orders_12m_high * margin_minor) as margin_12m_high_minor,
    case when p_alive > 0 then orders_12m * margin_minor * (1.0 / p_alive - 1.0) end as at_stake_minor,
    orders_discounted * margin_minor as clv_minor,
    row_number() over (order by orders_discounted * margin_minor desc, customer_id) as value_rank,
    ntile(10) over (order by orders_discounted * margin_minor desc, customer_id) as value_decile
from valued
