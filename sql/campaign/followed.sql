-- campaign.followed: the first order of each person of a list from a day on.
-- One row per row of run.contacts whose customer ordered from its day on and before its end. Of several orders of a day
-- the earliest, and of those at one time the one whose key sorts first.
-- Reads facts.lines, run.contacts.
--   number: which row of run.contacts
--   source: the shop or system the order comes from
--   order_id: the shop's key of the order
--   ordered_at: when its first line was rung up, UTC
--   ordered_on: the shop's local day
--   total_minor: what was paid
with
bills as (
    select
        contacts.number,
        lines.source,
        lines.order_id,
        min(lines.ordered_at) as ordered_at,
        min(lines.ordered_on) as ordered_on,
        sum(lines.total_minor) as total_minor
    from facts.lines as lines
    join run.contacts as contacts on contacts.customer_id = lines.customer_id
    where lines.ordered_on >= (select min(from_on) from run.contacts)
        and lines.ordered_on >= contacts.from_on
        and lines.ordered_on < contacts.until_on
    group by contacts.number, lines.source, lines.order_id
),
ranked as (
    select
        number,
        source,
        order_id,
        ordered_at,
        ordered_on,
        total_minor,
        row_number() over (partition by number order by ordered_at, source, order_id) as place
    from bills
)
select number, source, order_id, ordered_at, ordered_on, total_minor
from ranked
where place = 1
