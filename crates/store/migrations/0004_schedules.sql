-- Settings, schedules, and what of the history is read.

-- IANA name of the time zone that calendar schedules and months go by: the app's word, else the platform's, else UTC.
alter table company add column zone text;
alter table connection add column zone text;

alter table sync_setting add column schedule text not null default 'none'; -- none | hours:N | monthly | cron
alter table sync_setting add column cron text;                      -- expression of a `cron` schedule
alter table sync_setting add column cron_zone text;                 -- IANA name; null: the company's
alter table sync_setting add column sync_order bigint not null default 0; -- lower ones are queued first
alter table sync_setting add column sync_from bigint;               -- only what was modified since
alter table sync_setting add column window_months bigint;           -- only what was modified in so many months
alter table sync_setting add column document_months bigint;         -- only documents of so many full months, and what is still open
alter table sync_setting add column set_at bigint not null default 0; -- a schedule counts from here, not before
alter table sync_setting add column is_locked boolean not null default false; -- of the app's: no company may set it otherwise

alter table run add column period_key text;  -- which due instant it is for; null: it was asked for
alter table run add column data_from text;   -- first day of the data period; null: as far as the platform goes
alter table run add column data_to text;     -- last day of the last closed month; null: no period was asked for
-- However many nodes see that a period is due: one Run.
create unique index run_once_a_period on run (app_id, connection_id, period_key) where period_key is not null;

alter table pull add column history_window text;      -- JSON: what of the history is read; null: all of it
alter table feed_read add column history_window text; -- the same, of all types that it is read for

alter table data_status add column started_at bigint;   -- start of the last Run that read the type
alter table data_status add column scheduled_at bigint; -- of the last one that was its first or by schedule
alter table data_status add column covered_window text; -- JSON: the widest window that was read to its end
