-- The log. about is the thing an event speaks of (an order, a joining), part what it says of it; part is '' for the
-- fact itself. A fact is there once, whatever brought it. Events of before speak each of a thing of its own.
alter table event add column about text;
alter table event add column part text;
update event set about = event_id, part = '';
create unique index event_of_thing on event (about, part);

-- Which events the lake does not show yet. seal_id is the seal that has claimed them, 0 while none has. follows says
-- that the event changes what an earlier one said of the same thing.
create table unsealed (
    event_id text not null primary key,
    seal_id bigint not null,
    follows smallint not null
) without rowid;

insert into unsealed (event_id, seal_id, follows) select event_id, 0, 0 from event;
drop index event_unsealed;
alter table event drop column sealed_in;

-- Each run of the sealing job. lake_id is its application transaction in the lake; prepared is what is still to be done
-- there, and is empty before and after.
create table seal (
    seal_id bigint not null primary key,
    lake_id text not null,
    state text not null check (state in ('claimed', 'prepared', 'done')),
    events bigint not null,
    prepared text,
    claimed_at bigint not null,
    ended_at bigint
);
