-- What is known of a person, field by field, each with where it came from.
create table person (
    customer_id text not null references customer (id),
    field text not null,
    value text not null,
    source text not null,
    import_id text not null references import (id),
    recorded_at bigint not null,
    primary key (customer_id, field)
) without rowid;

-- What customers said, in their own words. row_key is the fact's key in the lake, in hexadecimal.
create table feedback_text (
    source text not null,
    row_key text not null,
    part text not null,
    customer_id text references customer (id),
    text text not null,
    is_erased smallint not null,
    import_id text not null references import (id),
    recorded_at bigint not null,
    primary key (source, row_key, part)
);

create index feedback_text_of_customer on feedback_text (customer_id);
