-- Rows of `read_count` that said of a record that it is not, or no longer, of the type.
alter table pull add column gone_count bigint not null default 0;
-- What lay behind the end of a Pull that failed, where its state does not say: see `run::Cause` of the model.
alter table pull add column cause text;
-- How often in a row the request that ended it had failed; null where no request did.
alter table pull add column failed_attempts bigint;
