-- Which column plays which role, saved by name.
create table mapping (
    name text not null primary key,
    body text not null,
    saved_at bigint not null
);

-- What the shop has said of itself: name, currency, zone, placeholders for walk-in customers.
create table setting (
    name text not null primary key,
    value text not null,
    saved_at bigint not null
);
