-- product.recent: from which day on baskets are looked at for pairs and likeness of products.
-- One row, or none without lines. What is bought together changes with the range, and pairs are many: the newest days
-- that hold two million lines with a product are enough, and keep a shop of any size within the memory of one machine.
-- Reads facts.lines, run.parameters.
--   from_on: first day looked at
--   until_on: last day looked at
with
days as (
    select ordered_on, count(*) as lines
    from facts.lines
    where product_id is not null and ordered_on <= (select as_of from run.parameters)
    group by ordered_on
),
running as (
    select ordered_on, lines, sum(lines) over (order by ordered_on desc) as lines_since
    from days
)
select min(ordered_on) as from_on, max(ordered_on) as until_on
from running
where lines_since - lines < 2000000
having count(*) > 0
