-- Each run of an import: what was read, how it was understood, how far it came.
-- prepared holds what is still to be done to the lake, and is empty before and after.
create table import (
    id text not null primary key,
    kind text not null,
    source text not null,
    state text not null check (state in ('started', 'prepared', 'done', 'refused')),
    mapping text not null,
    detected text not null,
    summary text,
    prepared text,
    started_at bigint not null,
    ended_at bigint
);

create index import_by_time on import (started_at);

create table import_file (
    import_id text not null references import (id),
    place bigint not null,
    name text not null,
    bytes bigint not null,
    hash text not null,
    primary key (import_id, place)
);

create index import_file_by_hash on import_file (hash);

-- The version of each table of the lake that may be shown. Moves in the transaction that completes an import.
create table lake_version (
    table_name text not null primary key,
    version bigint not null,
    import_id text references import (id),
    moved_at bigint not null
);
