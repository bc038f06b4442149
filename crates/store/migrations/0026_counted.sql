-- How many identifiers a customer has, kept where they are given and taken, so that one that vanishes is missed.
alter table customer add column identifiers bigint not null default 0;
update customer set identifiers = (select count(*) from identifier where identifier.customer_id = customer.id);

-- The first eight bytes of a hash over all that an event says, kept where it is written, so that one that is altered is
-- noticed. Events of before have none.
alter table event add column mark bigint;
