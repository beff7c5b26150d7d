-- The beginning of the last answer of the platform that could not be read, with its status and type: JSON, sealed.
-- Secrets are taken out of it before.
alter table feed_read add column bad_answer bytea;
-- When it came; null while none did.
alter table feed_read add column bad_answer_at bigint;
