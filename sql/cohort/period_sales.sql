-- cohort.period_sales: what part of the period's sales comes from which cohort.
-- One row per cohort with an order in the period.
-- Reads audit.customers, cohort.customers.
--   cohort_on: first day of the cohort
--   customers: customers of the cohort who ordered in the period
--   sales_minor: their sales in it
--   margin_minor: their margin
select
    cohort.cohort_on,
    count(*) as customers,
    sum(audit.sales_minor) as sales_minor,
    sum(audit.margin_minor) as margin_minor
from audit.customers as audit
join cohort.customers as cohort on cohort.customer_id = audit.customer_id
where audit.span = 'period'
group by cohort.cohort_on
