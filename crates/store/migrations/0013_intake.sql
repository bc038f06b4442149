-- Messages from outside that were heard, once and for ever by their source and their own id.
create table heard_message (
    source text not null,
    message_id text not null,
    intake_id text not null,
    primary key (source, message_id)
) without rowid;

-- What was taken from outside and is still to be worked in, in the order in which it came. is_trusted says whether it
-- came with a key that may record orders.
create table intake (
    intake_id text not null primary key,
    dialect text not null,
    source text not null,
    is_trusted smallint not null,
    body text not null,
    received_at bigint not null,
    due_at bigint not null,
    attempts bigint not null
) without rowid;

create index intake_due on intake (due_at, intake_id);

-- Shops that send us webhooks, with the sealed secret by which we know that it is they.
create table shop_link (
    source text not null,
    dialect text not null check (dialect in ('shopify', 'woocommerce')),
    sealed text not null,
    set_at bigint not null,
    set_by text not null,
    primary key (source, dialect)
) without rowid;
