-- Vietnamese mobiles of eleven digits, which imports kept as they came, are those of ten that they became in 2018. Whose
-- number of today is another customer's keeps the old one: whether the two are one is for the shop to say. The words
-- under which they are found are written anew.
create table renumbered (
    former text not null primary key,
    today text not null
);

insert into renumbered values
    ('120', '70'), ('121', '79'), ('122', '77'), ('126', '76'), ('128', '78'), ('123', '83'), ('124', '84'),
    ('125', '85'), ('127', '81'), ('129', '82'), ('162', '32'), ('163', '33'), ('164', '34'), ('165', '35'),
    ('166', '36'), ('167', '37'), ('168', '38'), ('169', '39'), ('186', '56'), ('188', '58'), ('199', '59');

delete from search_word where customer_id in (
    select customer_id from identifier join key_space on key_space.id = identifier.space_id
    where kind = 'phone' and length(value) = 13 and substr(value, 1, 3) = '+84'
      and substr(value, 4, 3) in (select former from renumbered)
);

update identifier
set value = (select '+84' || today || substr(identifier.value, 7) from renumbered where former = substr(identifier.value, 4, 3))
where length(value) = 13 and substr(value, 1, 3) = '+84'
  and substr(value, 4, 3) in (select former from renumbered)
  and space_id in (select id from key_space where kind = 'phone')
  and not exists (
    select 1 from identifier as taken join renumbered on former = substr(identifier.value, 4, 3)
    where taken.space_id = identifier.space_id and taken.value = '+84' || today || substr(identifier.value, 7)
  );

drop table renumbered;
