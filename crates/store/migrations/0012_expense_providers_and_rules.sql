-- That an app hands over expenses for a company. Shown as a connection, of which nothing is read or kept alive.
create table expense_provider (
    app_id uuid not null,
    company_id uuid not null,
    provider_id uuid not null,          -- its id among the connections
    created_at bigint not null,
    primary key (app_id, company_id)
);

-- What deliveries of rules say in their Authorization header; sealed.
alter table app add column alert_authorization bytea;
