-- Who the customers are. An id outlives the person: erasing keeps the row and sets erased_at.
create table customer (
    id text not null primary key,
    created_at bigint not null,
    erased_at bigint
) without rowid;

-- Where keys are unique: a kind of key (external_id, card_number, …) of one source (a till, a web shop). The source
-- is '' for kinds that mean the same everywhere (email, phone). A number here saves a quarter of the space there.
create table key_space (
    id bigint not null primary key,
    kind text not null,
    source text not null,
    unique (kind, source)
);

-- What the shop calls them. New customers come in the order of their ids, so this tree grows at its end.
create table identifier (
    customer_id text not null references customer (id),
    space_id bigint not null references key_space (id),
    value text not null,
    primary key (customer_id, space_id, value)
) without rowid;

-- One key, one customer. The value stands first because it tells rows apart soonest.
create unique index identifier_by_value on identifier (value, space_id);

-- Fingerprints of the keys of erased customers, so that an old file does not bring a person back under a new id
-- and count the same sales again. The fingerprint is keyed by a secret of this database.
create table erased_identifier (
    fingerprint text not null primary key,
    customer_id text not null references customer (id)
) without rowid;

create table secret (
    name text not null primary key,
    value text not null
) without rowid;
