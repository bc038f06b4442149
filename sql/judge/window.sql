-- judge.window: where history is cut, so that models can be judged on time they have not seen.
-- One row, or none where there are fewer than two days. The cut is the run's calibration_end, or else four fifths of
-- the way from the first order of a known customer to as_of.
-- Reads customer.summary, run.parameters.
--   first_on: first order day of a known customer
--   calibration_end: last day the models may see
--   last_on: last day they are judged on
--   holdout_days: days they are judged on
with
ends as (
    select min(first_on) as first_on, max((select as_of from run.parameters)) as last_on
    from customer.summary
),
cut as (
    select
        first_on,
        coalesce(
            (select calibration_end from run.parameters),
            first_on + cast(floor((last_on - first_on) * 0.8) as bigint)
        ) as calibration_end,
        last_on
    from ends
)
select first_on, calibration_end, last_on, last_on - calibration_end as holdout_days
from cut
where calibration_end >= first_on and calibration_end < last_on
