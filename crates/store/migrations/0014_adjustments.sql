-- Points given or taken by hand: who asked and why. What is above the shop's limit waits for a second pair of eyes.
create table adjustment (
    adjustment_id text not null primary key,
    customer_id text not null,
    program_id text not null,
    wallet text not null,
    units bigint not null,
    reason text not null,
    asked_by text not null,
    asked_at bigint not null,
    state text not null check (state in ('waiting', 'done', 'refused')),
    decided_by text,
    decided_at bigint
) without rowid;

create index adjustment_waiting on adjustment (asked_at, adjustment_id) where state = 'waiting';
create index adjustment_of_customer on adjustment (customer_id);
