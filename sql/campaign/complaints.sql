-- campaign.complaints: who has complained, and when last.
-- One row per customer with a complaint up to as_of. A complaint is feedback whose kind says so, or a score in the lowest
-- fifth of its scale. Whether it was settled is not known here; how long it keeps a person out of campaigns is the plan's.
-- Reads facts.feedback, run.parameters.
--   customer_id: our id of the customer
--   last_on: day of the last complaint
--   complaints: how many
select
    customer_id,
    max(given_on) as last_on,
    count(*) as complaints
from facts.feedback
where customer_id is not null
    and (kind = 'complaint' or score <= 0.2)
    and given_on <= (select as_of from run.parameters)
group by customer_id
