-- What became known of what a push had left in doubt, after the push had ended.
alter table push_item add column found text;         -- completed | failed
alter table push_item add column found_message text;
create index push_item_in_doubt on push_item (app_id, transaction_id) where status = 'unknown' and found is null;
