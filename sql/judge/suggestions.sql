-- judge.suggestions: how good the two lists of suggestions are at what customers bought next.
-- One row per list with a customer to judge it on; the run's as_of is the day the lists are made, and what is bought
-- within the horizon after it is the test. The next basket is all a customer bought on the first order day after as_of.
-- buy_again is judged on the whole basket, discover on what of it the customer had never bought. Recall divides by the
-- distinct products of the target, nDCG by the best list of min(10, target) products. Customers count once each.
-- Reads facts.lines, customer.buy_again, customer.discover, customer.purchases, product.popularity, run.parameters.
--   list: buy_again or discover
--   customers: customers with a target
--   recall_at_10: mean share of the target among the ten suggested
--   ndcg_at_10: the same with credit for the order
--   popular_recall_at_10: mean recall of the ten most popular products
with
later as (
    select lines.customer_id, lines.product_id, lines.ordered_on
    from facts.lines as lines
    cross join run.parameters as parameters
    where lines.customer_id is not null
        and lines.product_id is not null
        and lines.ordered_on > parameters.as_of
        and lines.ordered_on <= parameters.as_of + parameters.horizon_days
),
known as (
    select distinct customer_id from customer.purchases
),
next_days as (
    select later.customer_id, min(later.ordered_on) as ordered_on
    from later
    join known on known.customer_id = later.customer_id
    group by later.customer_id
),
baskets as (
    select distinct later.customer_id, later.product_id
    from later
    join next_days
        on next_days.customer_id = later.customer_id and next_days.ordered_on = later.ordered_on
),
targets as (
    select 'buy_again' as list, customer_id, product_id from baskets
    union all
    select 'discover' as list, baskets.customer_id, baskets.product_id
    from baskets
    left join customer.purchases as own
        on own.customer_id = baskets.customer_id and own.product_id = baskets.product_id
    where own.product_id is null
),
suggested as (
    select 'buy_again' as list, customer_id, product_id, place from customer.buy_again where place <= 10
    union all
    select 'discover' as list, customer_id, product_id, place from customer.discover where place <= 10
),
hits as (
    select
        targets.list,
        targets.customer_id,
        count(*) as products,
        count(suggested.place) as hits,
        sum(case when suggested.place is null then 0.0 else 1.0 / log2(suggested.place + 1.0) end) as gain,
        count(case when popularity.place <= 10 then 1 end) as popular_hits
    from targets
    left join suggested
        on suggested.list = targets.list
        and suggested.customer_id = targets.customer_id
        and suggested.product_id = targets.product_id
    left join product.popularity as popularity on popularity.product_id = targets.product_id
    group by targets.list, targets.customer_id
),
best as (
    select place as products, sum(1.0 / log2(place + 1.0)) over (order by place) as gain
    from (select unnest(range(1, 11)) as place)
)
select
    hits.list,
    count(*) as customers,
    avg(hits.hits / cast(hits.products as double)) as recall_at_10,
    avg(hits.gain / best.gain) as ndcg_at_10,
    avg(hits.popular_hits / cast(hits.products as double)) as popular_recall_at_10
from hits
join best on best.products = least(hits.products, 10)
group by hits.list
