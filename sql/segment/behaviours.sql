-- segment.behaviours: who did what a segment asks for, how often and for how much.
-- One row per question of run.behaviours and customer who did it at least once in its time. A day counts once, however
-- much was done on it. A question that names no product, category, store or channel means any.
-- Reads facts.lines, facts.returns, facts.feedback, facts.products, run.behaviours.
--   number: which question
--   customer_id: our id of the customer
--   times: days on which it was done
--   spent_minor: what was paid, or for returns what was given back; 0 for complaints
--   last_on: the last of those days
with
ordered as (
    select
        wanted.number,
        lines.customer_id,
        lines.ordered_on as done_on,
        lines.total_minor as amount_minor
    from run.behaviours as wanted
    join facts.lines as lines on lines.ordered_on >= wanted.from_on and lines.ordered_on < wanted.until_on
    where wanted.act = 'ordered'
        and lines.customer_id is not null
        and (wanted.product_id is null or lines.product_id = wanted.product_id)
        and (wanted.category is null or lines.category = wanted.category)
        and (wanted.store_id is null or lines.store_id = wanted.store_id)
        and (wanted.channel is null or lines.channel = wanted.channel)
),
returned as (
    select
        wanted.number,
        returns.customer_id,
        returns.returned_on as done_on,
        returns.refund_minor as amount_minor
    from run.behaviours as wanted
    join facts.returns as returns
        on returns.returned_on >= wanted.from_on and returns.returned_on < wanted.until_on
    left join facts.products as products on products.product_id = returns.product_id
    where wanted.act = 'returned'
        and returns.customer_id is not null
        and (wanted.product_id is null or returns.product_id = wanted.product_id)
        and (wanted.category is null or products.category = wanted.category)
        and (wanted.store_id is null or returns.store_id = wanted.store_id)
        and (wanted.channel is null or returns.channel = wanted.channel)
),
complained as (
    select
        wanted.number,
        feedback.customer_id,
        feedback.given_on as done_on,
        cast(0 as bigint) as amount_minor
    from run.behaviours as wanted
    join facts.feedback as feedback
        on feedback.given_on >= wanted.from_on and feedback.given_on < wanted.until_on
    where wanted.act = 'complained'
        and feedback.kind = 'complaint'
        and feedback.customer_id is not null
        and (wanted.store_id is null or feedback.store_id = wanted.store_id)
        and (wanted.channel is null or feedback.channel = wanted.channel)
),
done as (
    select number, customer_id, done_on, amount_minor from ordered
    union all
    select number, customer_id, done_on, amount_minor from returned
    union all
    select number, customer_id, done_on, amount_minor from complained
)
select
    number,
    customer_id,
    count(distinct done_on) as times,
    sum(amount_minor) as spent_minor,
    max(done_on) as last_on
from done
group by number, customer_id
