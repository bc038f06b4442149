-- judge.statistics: the sufficient statistics at the cut, from which the models to be judged are fitted.
-- One row per distinct frequency, recency and age.
-- Reads judge.customers.
--   frequency: order days after the first
--   recency_days: days from the first to the last order day
--   age_days: days from the first order day to the cut
--   customers: how many customers are like this
select frequency, recency_days, age_days, count(*) as customers
from judge.customers
group by frequency, recency_days, age_days
