-- Who works in the shop, and who did what.
create table staff (
    staff_id text not null primary key,
    email text not null,
    name text not null,
    role text not null check (role in ('owner', 'marketer', 'analyst', 'service', 'till', 'auditor')),
    invited_by text not null,
    invited_at bigint not null,
    joined_at bigint,
    disabled_at bigint
) without rowid;

create unique index staff_by_email on staff (email);

-- What people, keys and commands have changed, in the order in which it became durable. Rows are only ever added; hash
-- covers the row and, through it, all before it. details (what was before and after) are covered through details_hash,
-- salted, so that they can be taken out when a person is erased and the chain still be proven.
create table audit (
    number bigint not null primary key,
    recorded_at bigint not null,
    actor text not null,
    role text not null,
    operation text not null,
    subject_kind text not null,
    subject text not null,
    details text,
    salt text,
    details_hash bytea not null,
    hash bytea not null
);

create index audit_of_subject on audit (subject_kind, subject, number);
create index audit_of_actor on audit (actor, number);

-- How long a chain of hashes is and where it ends, so that its end cannot be cut off unseen.
create table chain (
    name text not null primary key,
    length bigint not null,
    hash bytea not null
) without rowid;
