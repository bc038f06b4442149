-- facts.products: what is sold.
-- One row per product sold or listed. Names and categories come from the product file, else from the bills.
-- Reads lake.products, facts.lines. Kept.
--   product_id: the shop's key of the product
--   product_number: its place among all by that key, for joins over many lines; holds for one run
--   product_name: its name
--   category: its category
--   brand: its brand
--   cost_minor: what one unit costs the shop, by the product file
with
listed as (
    select
        product_id,
        max(product_name) as product_name,
        max(category) as category,
        max(brand) as brand,
        max(cost_minor) as cost_minor
    from lake.products
    group by product_id
),
sold as (
    select product_id, max(product_name) as product_name, max(category) as category
    from facts.lines
    where product_id is not null
    group by product_id
)
select
    coalesce(listed.product_id, sold.product_id) as product_id,
    cast(row_number() over (order by coalesce(listed.product_id, sold.product_id)) as bigint) as product_number,
    coalesce(listed.product_name, sold.product_name) as product_name,
    coalesce(listed.category, sold.category) as category,
    listed.brand,
    listed.cost_minor
from sold
full outer join listed on listed.product_id = sold.product_id
