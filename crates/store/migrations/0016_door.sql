-- What a webhook is told, the way it is asked for: what is due of one webhook, and what waits of one customer.
drop index delivery_waiting;
create index delivery_due on delivery (webhook_id, due_at, message_id) where state = 'waiting';
create index delivery_of_customer on delivery (customer_id, webhook_id, message_id) where customer_id is not null;

-- Until when a webhook that fails, or asked for it, is left in peace.
alter table webhook add column quiet_until bigint not null default 0;

-- For which request a one-time code was used: the same request again is let through.
alter table one_time_code add column used_for text;

-- What was noticed at tills: one row for a till, a day, a kind and a customer ('' where it is about no one customer).
create table till_alert (
    till text not null,
    on_day text not null,
    kind text not null,
    customer_id text not null,
    why text not null,
    found_at bigint not null,
    primary key (till, on_day, kind, customer_id)
) without rowid;
