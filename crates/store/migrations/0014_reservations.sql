-- Requests under way at once that a job has reserved: whoever holds the job next takes their places.
alter table budget_call add column job_id uuid; -- null: one request, which is under way
