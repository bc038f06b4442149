-- data.clock: whether the orders tell times of day.
-- One row.
-- Reads facts.lines.
--   clock_minutes: minutes between the earliest and the latest time of day; an hour at most where the files tell only days
select max(minute) - min(minute) as clock_minutes
from (
    select date_part('hour', ordered_at) * 60 + date_part('minute', ordered_at) as minute
    from facts.lines
)
