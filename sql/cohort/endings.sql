-- cohort.endings: when the customers of the cohort told in cohort.life stopped buying, as far as is seen.
-- One row per length of a customer's buying life, for a Kaplan-Meier curve: a life has ended where the customer's own
-- clock says lapsed; of the others only its length so far is known.
-- Reads cohort.life, cohort.customers, customer.cadence, run.parameters.
--   age_months: months from the first to the last order of those who ended, from the first order to as_of of the others
--   ended: customers whose life ended there
--   ongoing: customers last known to be buying there
with
chosen as (
    select distinct cohort_on from cohort.life
),
lives as (
    select
        cadence.state = 'lapsed' as is_ended,
        case
            when cadence.state = 'lapsed' then customers.last_on - customers.first_on
            else (select as_of from run.parameters) - customers.first_on
        end as days
    from cohort.customers as customers
    join chosen on chosen.cohort_on = customers.cohort_on
    join customer.cadence as cadence on cadence.customer_id = customers.customer_id
)
select
    days / 30.4375 as age_months,
    count(*) filter (where is_ended) as ended,
    count(*) filter (where not is_ended) as ongoing
from lives
group by days
