-- Reading the store as it was, and what each publication changed.

-- The last publication of a data type at or before an instant.
create index publication_by_type on publication (app_id, connection_id, data_type, at);
drop index publication_by_connection; -- what the one above begins with
-- The last publication of a Run.
create index publication_by_run on publication (app_id, run_id);
-- What became current with a publication and has been superseded since; see `record_by_publication`.
create index record_version_by_publication on record_version (app_id, from_publication_id, remote_id);
