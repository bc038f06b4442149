-- What is known of a person may also have been said at a till or in a form: there is no import then.
create table person_said (
    customer_id text not null references customer (id),
    field text not null,
    value text not null,
    source text not null,
    import_id text references import (id),
    recorded_at bigint not null,
    primary key (customer_id, field)
) without rowid;
insert into person_said (customer_id, field, value, source, import_id, recorded_at)
    select customer_id, field, value, source, import_id, recorded_at from person;
drop table person;
alter table person_said rename to person;

-- A card that was lost is known when somebody shows it.
create index former_identifier_by_value on former_identifier (value, kind);

-- What a shop's own attributes hold: one kind for all customers.
create table attribute_kind (
    name text not null primary key,
    kind text not null check (kind in ('number', 'text', 'day', 'flag')),
    defined_at bigint not null
) without rowid;
insert into attribute_kind (name, kind, defined_at)
    select name, min(kind), min(set_at) from attribute group by name;

-- What a customer has brought and cost, in minor units of the shop's currency: what brought is above zero, what cost
-- below. Rows are only ever added; what was wrong is set right by another row.
create table profit (
    customer_id text not null,
    kind text not null check (kind in ('margin', 'reward_cost', 'contact_cost', 'service_cost')),
    cause_kind text not null,
    cause_id text not null,
    happened_on text not null,
    amount_minor bigint not null,
    recorded_at bigint not null,
    primary key (customer_id, kind, cause_kind, cause_id)
) without rowid;

-- What people have asked about their data, and the day by which the law of their place wants it done.
create table person_request (
    request_id text not null primary key,
    customer_id text not null,
    kind text not null check (kind in ('access', 'correct', 'erase', 'withdraw', 'object')),
    jurisdiction text not null,
    law text not null,
    received_at bigint not null,
    answer_by text,
    done_by text,
    answered_at bigint,
    done_at bigint
) without rowid;

create index person_request_open on person_request (done_by, request_id) where done_at is null;
create index person_request_of_customer on person_request (customer_id);

-- What an erasure removed and what it left, and why. Nothing here says who it was.
create table erasure (
    erasure_id text not null primary key,
    customer_id text not null,
    erased_at bigint not null,
    certificate text not null,
    hash bytea not null
) without rowid;

create index erasure_of_customer on erasure (customer_id);
