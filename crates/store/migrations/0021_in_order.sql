-- SQLite takes an index that gives the wanted order for as good as one that finds the rows, and went through all of an
-- app's rows by the key of the table. These do both.

drop index pull_by_run;
create index pull_by_run on pull (app_id, run_id, pull_id);

drop index feed_read_by_run;
create index feed_read_by_run on feed_read (app_id, run_id, feed_read_id);

drop index connection_by_company;
create index connection_by_company on connection (app_id, company_id, connection_id);

drop index connection_by_organisation;
create index connection_by_organisation on connection (app_id, platform, organisation_id, connection_id);

drop index dataset_by_push;
create index dataset_by_push on dataset (app_id, company_id, push_id, dataset_id);
