-- fits.spend_excluded: who is left out of the model of spend, and why.
-- One row.
-- Reads customer.summary.
--   customers: customers with at least one order
--   without_repeat: ordered on one day only
--   without_spend: came back, but their later orders net to nothing or less
--   used: customers the model is fitted on
select
    count(*) as customers,
    count(*) filter (where frequency = 0) as without_repeat,
    count(*) filter (where frequency > 0 and mean_spend_minor <= 0) as without_spend,
    count(*) filter (where frequency > 0 and mean_spend_minor > 0) as used
from customer.summary
