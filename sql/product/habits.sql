-- product.habits: who has bought which product on two days or more, and at what gaps.
-- One row per product and customer. Kept. Where known customers have bought more than four million lines, every second,
-- third, … of them stands for all, so that a shop of any size is told within the memory of one machine.
-- Reads facts.lines, facts.products, customer.number, run.parameters.
--   product_number: the product's number in facts.products
--   every: how many customers this one stands for
--   order_days: days on which it was bought
--   first_on: the first of them
--   last_on: the last
--   gaps: days between neighbours among them, in order
--   sum_log_gap: sum of the natural logarithms of the gaps
--   sum_log_gap_squared: sum of their squares
with
scale as (
    select cast(greatest(ceil(count(*) / 4000000.0), 1.0) as bigint) as every
    from facts.lines
    where product_id is not null
        and customer_id is not null
        and ordered_on <= (select as_of from run.parameters)
),
customers as (
    select number.customer_id, number.customer_number, scale.every
    from scale
    join customer.number as number on number.customer_number % scale.every = 0
),
-- What is held in memory stands first: products, then customers, never the lines.
bought as (
    select lines.customer_id, products.product_number, lines.ordered_on
    from facts.products as products
    join facts.lines as lines on lines.product_id = products.product_id
    where lines.ordered_on <= (select as_of from run.parameters)
),
habits as (
    select
        bought.product_number,
        customers.customer_number,
        customers.every,
        min(bought.ordered_on) as first_on,
        max(bought.ordered_on) as last_on,
        day_gaps(bought.ordered_on) as habit
    from customers
    join bought on bought.customer_id = customers.customer_id
    group by bought.product_number, customers.customer_number, customers.every
)
select
    product_number,
    every,
    cast(cardinality(habit['gaps']) + 1 as bigint) as order_days,
    first_on,
    last_on,
    habit['gaps'] as gaps,
    habit['sum_log_gap'] as sum_log_gap,
    habit['sum_log_gap_squared'] as sum_log_gap_squared
from habits
where last_on > first_on
