-- cohort.grain: how long a cohort and a step of its age are.
-- One row. Months up to three years of history, quarters up to ten, then years: about as many as a page can hold.
-- Reads audit.spans.
--   grain: month, quarter or year
--   grain_days: days in one, on average
select
    case when days <= 1100 then 'month' when days <= 3660 then 'quarter' else 'year' end as grain,
    case when days <= 1100 then 30.4375 when days <= 3660 then 91.3125 else 365.25 end as grain_days
from audit.spans
where span = 'observed'
