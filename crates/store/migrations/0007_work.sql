-- Work to be done: leased by one worker at a time, tried again with patience, laid aside when nothing helps.
create table job (
    message_id text not null primary key,
    topic text not null,
    customer_id text,
    body text not null,
    created_at bigint not null,
    due_at bigint not null,
    attempts bigint not null,
    leased_by text,
    leased_until bigint,
    state text not null check (state in ('waiting', 'done', 'dead')),
    problem text
) without rowid;

create index job_waiting on job (due_at, message_id) where state = 'waiting';

-- What is to be done again and again: next_at is the slot that has not begun yet.
create table schedule (
    name text not null primary key,
    next_at bigint not null
) without rowid;

-- Proof of what people have agreed to and withdrawn. Rows are only ever added.
create table consent (
    customer_id text not null,
    consent_id text not null,
    address text not null,
    channel text not null,
    purpose text not null,
    status text not null check (status in ('pending', 'granted', 'denied', 'withdrawn')),
    legal_basis text not null,
    jurisdiction text not null,
    text_version text not null,
    language text not null,
    source text not null,
    actor text not null,
    evidence text not null,
    happened_at bigint not null,
    recorded_at bigint not null,
    expires_at bigint,
    confirms text,
    primary key (customer_id, consent_id)
) without rowid;

create index consent_of_address on consent (address, channel);
