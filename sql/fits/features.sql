-- fits.features: what a model of "will order within the horizon" looks at, on several days.
-- One row per window and customer seen by its cut. Window 0 is cut at as_of and has no outcome yet: it is what is
-- scored. Windows 1 and 2 are cut one and two horizons earlier and know what came; a window before the first
-- order has no rows. The columns are those of `stats::propensity::features`: logarithms of one plus what they say.
-- Reads customer.days, lake.codes, run.parameters.
--   window_number: 0 for today, 1 and 2 for the past
--   cut_on: last day the columns look at
--   customer_id: our id of the customer
--   order_days: days with an order
--   days_since_last: days since the last of them
--   age_days: days since the first
--   recency_days: days from the first to the last
--   mean_value: mean net of an order day, below zero counted as zero
--   total_value: sum of the same
--   mean_gap_days: mean days between order days, 1 at least; with one order day the days since it
--   silence_in_gaps: days since the last over the mean gap
--   order_days_30: order days in the last 30 days
--   order_days_90: in the last 90
--   order_days_180: in the last 180
--   has_ordered: whether an order followed within the horizon; absent in window 0
with
windows as (
    select
        number.window_number,
        parameters.as_of - number.window_number * parameters.horizon_days as cut_on,
        parameters.horizon_days
    from run.parameters as parameters
    cross join (select unnest(range(0, 3)) as window_number) as number
),
record as (
    select
        windows.window_number,
        windows.cut_on,
        days.customer_code,
        count(*) filter (where days.ordered_on <= windows.cut_on) as order_days,
        min(days.ordered_on) as first_on,
        max(case when days.ordered_on <= windows.cut_on then days.ordered_on end) as last_on,
        sum(case when days.ordered_on <= windows.cut_on then greatest(days.net_minor, 0) else 0 end) as total_value,
        count(*) filter (where days.ordered_on <= windows.cut_on and days.ordered_on > windows.cut_on - 30)
            as order_days_30,
        count(*) filter (where days.ordered_on <= windows.cut_on and days.ordered_on > windows.cut_on - 90)
            as order_days_90,
        count(*) filter (where days.ordered_on <= windows.cut_on and days.ordered_on > windows.cut_on - 180)
            as order_days_180,
        count(*) filter (
            where days.ordered_on > windows.cut_on and days.ordered_on <= windows.cut_on + windows.horizon_days
        ) as orders_after
    from windows
    cross join customer.days as days
    group by windows.window_number, windows.cut_on, days.customer_code
),
gaps as (
    select
        *,
        cast(cut_on - last_on as double) as days_since_last,
        cast(cut_on - first_on as double) as age_days,
        cast(last_on - first_on as double) as recency_days,
        greatest(
            case
                when order_days > 1 then (last_on - first_on) / cast(order_days - 1 as double)
                else cast(cut_on - first_on as double)
            end,
            1.0
        ) as mean_gap_days
    from record
    where first_on <= cut_on
)
select
    window_number,
    cut_on,
    codes.customer_id,
    ln(1.0 + order_days) as order_days,
    ln(1.0 + days_since_last) as days_since_last,
    ln(1.0 + age_days) as age_days,
    ln(1.0 + recency_days) as recency_days,
    ln(1.0 + total_value / cast(order_days as double)) as mean_value,
    ln(1.0 + total_value) as total_value,
    ln(1.0 + mean_gap_days) as mean_gap_days,
    ln(1.0 + days_since_last / mean_gap_days) as silence_in_gaps,
    ln(1.0 + order_days_30) as order_days_30,
    ln(1.0 + order_days_90) as order_days_90,
    ln(1.0 + order_days_180) as order_days_180,
    case when window_number > 0 then orders_after > 0 end as has_ordered
from gaps
join lake.codes as codes on codes.customer_code = gaps.customer_code
