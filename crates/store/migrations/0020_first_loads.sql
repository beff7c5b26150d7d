-- What a type's first load has brought is most of what is stored, and each record that changes later would leave its
-- entry at some place of a large index: it is found by its key instead.

-- As the first load of its type has left it.
alter table record add column is_first boolean not null default false;
drop index record_by_publication;
create index record_by_publication on record (app_id, publication_id) where not is_first;
