-- The record: programs, members, points, orders, and each command with its answer.
-- Whose a row is stands first in its key, so that a large shop can be spread over servers by customer.
alter table schema_version add column checksum text;

-- A program's files as they were installed. The newest version is in force; old entries name rules of older ones.
create table program (
    program_id text not null,
    version bigint not null,
    files text not null,
    seed text not null,
    installed_at bigint not null,
    primary key (program_id, version)
);

-- A customer in a program, as the judge left them. due_at is when time alone will next change something.
create table member (
    customer_id text not null,
    program_id text not null,
    joined_at bigint not null,
    merged_into text,
    due_at bigint,
    state text not null,
    primary key (customer_id, program_id)
) without rowid;

create index member_due on member (program_id, due_at) where due_at is not null;

-- The ledger. Rows are only ever added. lines sum to zero; hash covers the row and, through it, all before it.
-- owner_id is a customer, a household or a gift card.
create table posting (
    owner_id text not null,
    program_id text not null,
    wallet text not null,
    number bigint not null,
    posted_at bigint not null,
    kind text not null,
    cause_kind text not null,
    cause_id text not null,
    rule text,
    rule_version text,
    funder text,
    lines text not null,
    terms text not null,
    working text,
    hash bytea not null,
    primary key (owner_id, program_id, wallet, number)
) without rowid;

-- What the postings of an account come to. units_due_at is when time alone will next change it.
create table account (
    owner_id text not null,
    program_id text not null,
    wallet text not null,
    postings bigint not null,
    posted_at bigint not null,
    available bigint not null,
    pending bigint not null,
    held bigint not null,
    owed bigint not null,
    totals text not null,
    hash bytea not null,
    primary key (owner_id, program_id, wallet)
) without rowid;

-- Points earned together, and what is left of them.
create table lot (
    owner_id text not null,
    program_id text not null,
    wallet text not null,
    number bigint not null,
    earned_at bigint not null,
    expires_at bigint,
    is_pending smallint not null,
    units bigint not null,
    units_left bigint not null,
    cause_kind text not null,
    cause_id text not null,
    rule text,
    primary key (owner_id, program_id, wallet, number)
) without rowid;

create index lot_expiry on lot (program_id, expires_at) where units_left > 0 and expires_at is not null;

-- Orders as far as a return needs them. customer_id is who has the order now, '' while nobody has claimed the bill;
-- owner_id is who it was at first, before any merge. body is the bill until it is somebody's, and record what was
-- earned and what came back from then on.
create table orders (
    customer_id text not null,
    program_id text not null,
    order_id text not null,
    owner_id text not null,
    ordered_at bigint not null,
    ordered_on text not null,
    paid_minor bigint not null,
    invoice text,
    body text,
    record text,
    primary key (customer_id, program_id, order_id)
) without rowid;

create unique index orders_by_id on orders (order_id, program_id);
create index orders_by_day on orders (customer_id, program_id, ordered_on);
create index orders_by_invoice on orders (invoice) where invoice is not null;

-- Returns that came before their order.
create table early_return (
    order_id text not null,
    program_id text not null,
    return_id text not null,
    place bigint not null,
    body text not null,
    primary key (order_id, program_id, return_id)
) without rowid;

-- What all members share and nobody may exceed: budgets, stock, draws, what a till has taken in a period.
create table counter (
    program_id text not null,
    name text not null,
    value bigint not null,
    primary key (program_id, name)
) without rowid;

create table voucher (
    code text not null,
    program_id text not null,
    customer_id text not null,
    reward text not null,
    ends_at bigint not null,
    uses_left bigint not null,
    value_minor bigint not null,
    primary key (code, program_id)
) without rowid;

create index voucher_of_customer on voucher (customer_id, program_id);

-- Codes of other companies, given out in the order of place.
create table external_code (
    program_id text not null,
    reward text not null,
    place bigint not null,
    code text not null,
    primary key (program_id, reward, place),
    unique (program_id, reward, code)
);

create table gift_card (
    code text not null,
    program_id text not null,
    state text not null,
    primary key (code, program_id)
) without rowid;

create table household (
    household_id text not null,
    program_id text not null,
    state text not null,
    primary key (household_id, program_id)
) without rowid;

create table household_member (
    customer_id text not null,
    program_id text not null,
    household_id text not null,
    primary key (customer_id, program_id, household_id)
) without rowid;

-- Each thing that was asked, once and for ever: the key, a hash of what was asked, and what was answered.
create table command (
    key text not null primary key,
    hash bytea not null,
    customer_id text,
    recorded_at bigint not null,
    answer text not null
) without rowid;

-- What happened, as received, until it is sealed into the lake. Keys grow with time.
create table event (
    event_id text not null primary key,
    kind text not null,
    source text not null,
    customer_id text,
    happened_at bigint not null,
    recorded_at bigint not null,
    body text not null,
    sealed_in bigint
) without rowid;

create index event_of_customer on event (customer_id, happened_at);
create index event_unsealed on event (event_id) where sealed_in is null;

-- What others are to be told, written in the transaction that makes it true.
create table outbox (
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

create index outbox_waiting on outbox (due_at, message_id) where state = 'waiting';
