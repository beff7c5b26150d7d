-- What a push writes is looked for whenever something of it is told.
create index dataset_by_push on dataset (app_id, company_id, push_id);
