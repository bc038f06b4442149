-- The door: who may come in, what was answered there, and who is told what. No secret stands here as it is: keys and
-- sessions as hashes, what must be read again (the secrets of webhooks, of second factors) sealed by a key that is not
-- in the database.

-- Keys of tills, web shops and apps. source is whose ids and idempotency keys it speaks of, '' where it may name any.
-- scopes are words with spaces between.
create table api_key (
    key_id text not null primary key,
    name text not null,
    source text not null,
    scopes text not null,
    hash bytea not null,
    created_at bigint not null,
    created_by text not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint
) without rowid;

-- What was answered to a request under an idempotency key, where the record itself does not keep it.
create table reply (
    key text not null primary key,
    hash bytea not null,
    status bigint not null,
    body text not null,
    recorded_at bigint not null
) without rowid;

create index reply_by_age on reply (recorded_at);

-- How staff prove who they are. password is an argon2id hash; totp a sealed secret, totp_step the last step used;
-- recovery a JSON list of hashes of the codes left.
create table credential (
    staff_id text not null primary key,
    password text,
    totp text,
    totp_step bigint not null,
    recovery text not null,
    failures bigint not null,
    locked_until bigint,
    invite_hash bytea,
    invite_until bigint,
    changed_at bigint not null
) without rowid;

create table staff_session (
    hash bytea not null primary key,
    staff_id text not null,
    csrf text not null,
    agent text not null,
    is_proven smallint not null,
    created_at bigint not null,
    rotated_at bigint not null,
    seen_at bigint not null,
    ends_at bigint not null
);

create index staff_session_of on staff_session (staff_id);

-- Who is told. topics are words with spaces between, '*' for all. reason is why it is paused.
create table webhook (
    webhook_id text not null primary key,
    url text not null,
    topics text not null,
    state text not null check (state in ('on', 'paused', 'off')),
    reason text,
    failing_since bigint,
    created_at bigint not null,
    created_by text not null
) without rowid;

-- Secrets of a webhook, sealed. While two are in force, each delivery is signed with both.
create table webhook_secret (
    webhook_id text not null,
    secret_id text not null,
    sealed text not null,
    created_at bigint not null,
    ends_at bigint,
    primary key (webhook_id, secret_id)
) without rowid;

-- What a webhook is told. Of one customer the oldest that waits goes first.
create table delivery (
    webhook_id text not null,
    message_id text not null,
    topic text not null,
    customer_id text,
    body text not null,
    created_at bigint not null,
    due_at bigint not null,
    attempts bigint not null,
    leased_by text,
    leased_until bigint,
    state text not null check (state in ('waiting', 'done', 'dead')),
    problem text,
    primary key (webhook_id, message_id)
) without rowid;

create index delivery_waiting on delivery (due_at, webhook_id, message_id) where state = 'waiting';

create table delivery_attempt (
    webhook_id text not null,
    message_id text not null,
    attempt bigint not null,
    attempted_at bigint not null,
    status bigint,
    took_micros bigint not null,
    answer text not null,
    primary key (webhook_id, message_id, attempt)
) without rowid;

-- What a shop last told us of a thing of its own, so that older news that comes later is passed over.
create table latest_news (
    source text not null,
    thing text not null,
    version text not null,
    heard_at bigint not null,
    primary key (source, thing)
) without rowid;

-- What came in and could not be taken, with the reason, to be read and tried again.
create table dead_item (
    item_id text not null primary key,
    source text not null,
    kind text not null,
    body text not null,
    reason text not null,
    received_at bigint not null,
    settled_at bigint
) without rowid;

create index dead_item_open on dead_item (item_id) where settled_at is null;

-- One-time codes that prove at a till that a telephone is in its owner's hand. hash is keyed.
create table one_time_code (
    code_id text not null primary key,
    address text not null,
    purpose text not null,
    hash bytea not null,
    tries bigint not null,
    created_at bigint not null,
    ends_at bigint not null,
    used_at bigint
) without rowid;

create index one_time_code_of on one_time_code (address, created_at);
