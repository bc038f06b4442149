-- fits.statistics: the sufficient statistics from which models of repeat orders are fitted.
-- One row per distinct frequency, recency and age. Customers alike in these three are alike to every model, so a
-- base of any size comes down to some thousand rows.
-- Reads customer.summary.
--   frequency: order days after the first
--   recency_days: days from the first to the last order day
--   age_days: days from the first order day to as_of
--   customers: how many customers are like this
select frequency, recency_days, age_days, count(*) as customers
from customer.summary
group by frequency, recency_days, age_days
