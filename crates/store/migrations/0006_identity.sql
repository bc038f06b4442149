-- Which customers turned out to be one person, and which did not after all. Rows are kept for ever; a merge is in
-- force until parted_at is set. keys are the identifiers that went along, so that they can go back.
create table customer_merge (
    merge_id text not null primary key,
    from_id text not null,
    into_id text not null,
    evidence text not null,
    keys text not null,
    merged_by text not null,
    merged_at bigint not null,
    parted_by text,
    parted_at bigint
);

create unique index customer_merge_in_force on customer_merge (from_id) where parted_at is null;
create index customer_merge_into on customer_merge (into_id);

-- Identifiers that somebody had and has no more: a number given up, a card lost. Who has it next is somebody else.
create table former_identifier (
    customer_id text not null,
    kind text not null,
    source text not null,
    value text not null,
    reason text not null,
    ended_at bigint not null,
    primary key (customer_id, kind, source, value, ended_at)
) without rowid;

-- Words under which a person is found: names without accents, ends of numbers.
create table search_word (
    word text not null,
    customer_id text not null,
    primary key (word, customer_id)
) without rowid;

create index search_word_of_customer on search_word (customer_id);

create table tag (
    customer_id text not null,
    tag text not null,
    tagged_at bigint not null,
    primary key (customer_id, tag)
) without rowid;

-- What the shop wants to know of its customers besides: number, text, day or yes/no, as text.
create table attribute (
    customer_id text not null,
    name text not null,
    kind text not null check (kind in ('number', 'text', 'day', 'flag')),
    value text not null,
    set_at bigint not null,
    primary key (customer_id, name)
) without rowid;

-- Where a customer stood, since when, and why.
create table lifecycle (
    customer_id text not null,
    since bigint not null,
    state text not null check (state in ('prospect', 'new', 'active', 'at_risk', 'lapsed', 'won_back')),
    reason text not null,
    primary key (customer_id, since)
) without rowid;
