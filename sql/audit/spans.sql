-- audit.spans: the stretches of time the X-ray looks at.
-- One row per span that history reaches. Days are the shop's; the end is exclusive. Kept.
-- The period is the last 365 days, or everything where there is less. Two periods are compared at the longest length
-- of 365, 182, 91, 28 or 7 days of which history holds two, so that neither is cut short.
-- Reads facts.lines, run.parameters.
--   span: observed (everything), period, before (as long, right before the period), later and earlier (the two compared)
--   from_on: first day
--   until_on: the day after the last
--   days: how many
with
history as (
    select
        min(ordered_on) as from_on,
        max((select as_of from run.parameters)) + 1 as until_on
    from facts.lines
    where ordered_on <= (select as_of from run.parameters)
),
lengths as (
    select
        from_on,
        until_on,
        until_on - from_on as days,
        least(until_on - from_on, 365) as period_days,
        case
            when until_on - from_on >= 730 then 365
            when until_on - from_on >= 364 then 182
            when until_on - from_on >= 182 then 91
            when until_on - from_on >= 56 then 28
            when until_on - from_on >= 14 then 7
        end as pair_days
    from history
),
spans as (
    select 'observed' as span, from_on, until_on from lengths
    union all
    select 'period' as span, until_on - period_days as from_on, until_on from lengths
    union all
    select 'before' as span, until_on - 2 * period_days as from_on, until_on - period_days as until_on
    from lengths
    where days >= 2 * period_days
    union all
    select 'later' as span, until_on - pair_days as from_on, until_on from lengths
    union all
    select 'earlier' as span, until_on - 2 * pair_days as from_on, until_on - pair_days as until_on from lengths
)
select span, from_on, until_on, until_on - from_on as days
from spans
where from_on is not null
