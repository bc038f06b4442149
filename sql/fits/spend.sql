-- fits.spend: the statistics from which the model of spend per order is fitted.
-- One row per distinct frequency and mean spend, of customers who came back and whose later orders brought
-- something; the rest cannot enter the gamma-gamma model and are counted in fits.spend_excluded.
-- Reads customer.summary.
--   frequency: order days after the first
--   mean_spend_minor: mean net of those order days
--   customers: how many customers are like this
select frequency, mean_spend_minor, count(*) as customers
from customer.summary
where frequency > 0 and mean_spend_minor > 0
group by frequency, mean_spend_minor
