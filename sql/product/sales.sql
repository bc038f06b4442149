-- product.sales: what each product brought in the period.
-- One row per product sold in the period.
-- Reads facts.lines, facts.returns, facts.products, audit.spans.
--   product_id: the shop's key of the product
--   product_name: its name
--   category: its category
--   lines: lines sold
--   units: units sold; a line without a quantity counts one
--   sales_minor: what was paid for it, less what came back in the period
--   known_sales_minor: the part paid by known customers, before returns
--   customers: known customers who bought it
--   repeat_customers: of them, those who bought it on two days or more
with
period as (
    select from_on, until_on from audit.spans where span = 'period'
),
bought as (
    select
        product_id,
        customer_id,
        ordered_on,
        count(*) as lines,
        sum(coalesce(quantity_milli, 1000)) as quantity_milli,
        sum(total_minor) as total_minor
    from facts.lines
    where product_id is not null
        and ordered_on >= (select from_on from period)
        and ordered_on < (select until_on from period)
    group by product_id, customer_id, ordered_on
),
buyers as (
    select
        product_id,
        customer_id,
        count(*) as days,
        sum(lines) as lines,
        sum(quantity_milli) as quantity_milli,
        sum(total_minor) as total_minor
    from bought
    group by product_id, customer_id
),
sold as (
    select
        product_id,
        sum(lines) as lines,
        sum(quantity_milli) as quantity_milli,
        sum(total_minor) as total_minor,
        sum(case when customer_id is not null then total_minor else 0 end) as known_minor,
        count(customer_id) as customers,
        sum(case when customer_id is not null and days > 1 then 1 else 0 end) as repeat_customers
    from buyers
    group by product_id
),
returned as (
    select product_id, sum(refund_minor) as refund_minor
    from facts.returns
    where product_id is not null
        and returned_on >= (select from_on from period)
        and returned_on < (select until_on from period)
    group by product_id
)
select
    sold.product_id,
    products.product_name,
    products.category,
    sold.lines,
    sold.quantity_milli / 1000.0 as units,
    sold.total_minor - coalesce(returned.refund_minor, 0) as sales_minor,
    sold.known_minor as known_sales_minor,
    sold.customers,
    sold.repeat_customers
from sold
left join returned on returned.product_id = sold.product_id
left join facts.products as products on products.product_id = sold.product_id
