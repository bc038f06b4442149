-- When the first open hold of a member is over: its place in the stock is then free for whoever asks, also where nobody
-- has looked at the member since.
create table member_lapse (
    customer_id text not null,
    program_id text not null,
    lapses_at bigint not null,
    primary key (customer_id, program_id)
) without rowid;

create index member_lapse_at on member_lapse (program_id, lapses_at);

-- Holds from before: 0 says that nobody has looked yet, and whoever asks does.
insert into member_lapse (customer_id, program_id, lapses_at)
select distinct owner_id, program_id, 0 from account where held > 0;
