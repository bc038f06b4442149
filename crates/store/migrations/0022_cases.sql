-- Cases: what somebody of the shop has taken up for a customer, until it is closed. The words are people and are emptied
-- with the person; that there was a case stays.
create table customer_case (
    case_id text not null primary key,
    customer_id text not null references customer (id),
    about text not null,
    opened_at bigint not null,
    opened_by text not null,
    closed_at bigint,
    closed_by text
) without rowid;

create index customer_case_open on customer_case (opened_at, case_id) where closed_at is null;
create index customer_case_of_customer on customer_case (customer_id);

-- What was said and done about a case. Rows are only ever added.
create table case_note (
    case_id text not null references customer_case (case_id),
    note_id text not null,
    text text not null,
    written_at bigint not null,
    written_by text not null,
    primary key (case_id, note_id)
) without rowid;

-- A customer's page shows the last that others were told about them.
create index outbox_of_customer on outbox (customer_id, created_at, message_id) where customer_id is not null;
