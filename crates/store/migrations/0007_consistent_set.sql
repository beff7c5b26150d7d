-- A Run that was asked for every type that the company fetches is a set: when its Pulls have ended, a closing pass
-- collects what changed meanwhile, and control totals are compared.

-- The publication at which the Run's types are read as one set; null until the Run has been closed.
alter table run add column closing_publication_id uuid;
-- Whether it is a set.
alter table run add column is_set boolean not null default false;
-- How many types were asked for and left out, since they were being read already.
alter table run add column left_out bigint not null default 0;
-- How far the closing pass has come, as JSON; null before it begins and after it ended.
alter table run add column closing text;
-- How far the types agree with each other, as JSON; null until the Run has been closed.
alter table run add column consistency text;

-- Whether the record counts towards a control account: a document that is owed, a credit that is not used up.
alter table record add column is_open boolean not null default false;
create index record_open on record (app_id, connection_id, data_type) where is_open;
alter table pull_change add column is_open boolean not null default false;
