-- Lists of expenses that are written without being asked for again: one after the other of a company.
create table batch (
    app_id uuid not null,
    batch_id uuid not null,             -- of the dataset that holds its expenses
    company_id uuid not null,
    connection_id uuid not null,        -- that it was handed over for
    items bigint not null,              -- how many expenses it holds
    created_at bigint not null,
    refused_at bigint,                  -- its turn came and it could not be begun
    refused text,                       -- why
    primary key (app_id, batch_id)
);
create index batch_by_company on batch (app_id, company_id, batch_id);

-- An expense that is asked for by its id alone.
create index item_by_transaction on item (app_id, transaction_id);
