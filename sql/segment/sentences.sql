-- segment.sentences: the people behind the sentences of the X-ray.
-- One row per sentence that means people and each of them. Their number is the number the sentence says.
-- best_late are those of audit.best_late, call those of audit.call, one_timers the customers of the period who have not
-- ordered again, of audit.second_orders.
-- Reads audit.customers, audit.call, audit.spans, customer.cadence, customer.habit, run.parameters.
--   sentence: best_late, call, one_timers
--   customer_id: our id of the customer
with
ranked as (
    select
        customer_id,
        row_number() over (order by sales_minor desc, customer_id) as place,
        count(*) over () as customers
    from audit.customers
    where span = 'period'
),
best_late as (
    select ranked.customer_id
    from ranked
    join customer.cadence as cadence on cadence.customer_id = ranked.customer_id
    where ranked.place <= ceil(ranked.customers / 5.0) and cadence.state = 'at_risk'
),
period as (
    select from_on, (select as_of from run.parameters) as as_of from audit.spans where span = 'period'
),
one_timers as (
    select habit.customer_id
    from period
    cross join customer.habit as habit
    where period.as_of - habit.first_on >= 90 and habit.first_on >= period.from_on and habit.second_on is null
)
select 'best_late' as sentence, customer_id from best_late
union all
select 'call' as sentence, customer_id from audit.call
union all
select 'one_timers' as sentence, customer_id from one_timers
