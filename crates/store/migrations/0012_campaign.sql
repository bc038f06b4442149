-- Segments: named definitions of sets of customers. A version is never changed, so what was frozen by it can be told.
create table segment (
    name text not null,
    version bigint not null,
    body text not null,
    saved_at bigint not null,
    primary key (name, version)
) without rowid;

-- A campaign: one action on people chosen at one moment, a share of whom is left alone. plan is JSON.
create table campaign (
    campaign_id text not null primary key,
    state text not null check (state in ('planned', 'frozen', 'closed')),
    plan text not null,
    changed_at bigint not null
) without rowid;

-- What was done with a campaign and what was found, step by step. Rows are only ever added: the shop's memory. place
-- is 1 for the first; body is JSON and names nobody.
create table campaign_step (
    campaign_id text not null,
    place bigint not null,
    kind text not null,
    body text not null,
    happened_at bigint not null,
    primary key (campaign_id, place)
) without rowid;

-- Who was chosen, as it was drawn when the campaign was frozen: to be contacted, held out, or left out with the reason.
create table campaign_member (
    customer_id text not null,
    campaign_id text not null,
    arm text not null check (arm in ('contact', 'held_out', 'left_out')),
    reason text,
    tier text,
    store_id text,
    wave bigint,
    primary key (customer_id, campaign_id)
) without rowid;

create index campaign_member_of on campaign_member (campaign_id, customer_id);

-- What came back about a person: sent, failed, answered, opted out, or what the staff ticked.
create table campaign_result (
    customer_id text not null,
    campaign_id text not null,
    outcome text not null,
    happened_at bigint not null,
    recorded_at bigint not null,
    primary key (customer_id, campaign_id, outcome)
) without rowid;

create index campaign_result_of on campaign_result (campaign_id, customer_id);

-- Personal data that left the house: which file, with what in it, to whom. The people in it are those of the campaign.
create table disclosure (
    disclosure_id text not null primary key,
    campaign_id text not null,
    recipient text not null,
    purpose text not null,
    columns text not null,
    row_count bigint not null,
    checksum text not null,
    disclosed_at bigint not null
) without rowid;

create table disclosed_customer (
    customer_id text not null,
    disclosure_id text not null,
    primary key (customer_id, disclosure_id)
) without rowid;
