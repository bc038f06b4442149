-- Who the customers are. An id outlives the person: erasing keeps the row and sets erased_at.
create table customer (
    id text not null primary key,
    created_at bigint not null,
    erased_at bigint
) without rowid;

-- What the shop calls them. The value stands first in the key because it tells rows apart soonest.
-- source is '' for kinds that mean the same everywhere (email, phone); otherwise the system the key comes from.
create table identifier (
    value text not null,
    kind text not null,
    source text not null,
    customer_id text not null references customer (id),
    created_at bigint not null,
    primary key (value, kind, source)
) without rowid;

create index identifier_of_customer on identifier (customer_id);

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
