-- Attributes that the shop calls sensitive: they are kept sealed, under keys that are not in the database.
create table sensitive_attribute (
    name text not null primary key,
    since bigint not null
) without rowid;
