-- Words of feedback may come one by one, and then no import has brought them.
create table said (
    source text not null,
    row_key text not null,
    part text not null,
    customer_id text references customer (id),
    text text not null,
    is_erased smallint not null,
    import_id text references import (id),
    recorded_at bigint not null,
    primary key (source, row_key, part)
);

insert into said (source, row_key, part, customer_id, text, is_erased, import_id, recorded_at)
select source, row_key, part, customer_id, text, is_erased, import_id, recorded_at from feedback_text;

drop table feedback_text;
alter table said rename to feedback_text;
create index feedback_text_of_customer on feedback_text (customer_id);
