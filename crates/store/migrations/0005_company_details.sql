-- What an app says of a company beyond its name, and what of it lists are filtered and ordered by.

create table company_details (
    app_id uuid not null,
    company_id uuid not null,
    environment text not null,
    external_id text collate "binary",        -- the app's own id of the company
    external_id_folded text collate "binary", -- its Unicode case fold
    currency text collate "binary",           -- ISO 4217, upper case
    details text not null,                    -- JSON: all that nothing is filtered by
    primary key (app_id, company_id)
);
create unique index company_one_external_id on company_details (app_id, environment, external_id)
    where external_id is not null;

alter table company add column name_folded text collate "binary" not null default ''; -- Unicode case fold of the name
alter table company add column updated_at bigint not null default 0; -- when the app last changed it
update company set name_folded = lower(name), updated_at = created_at;
create index company_by_name on company (app_id, environment, name_folded, company_id);

alter table connection add column unlinked_at bigint; -- of an unlinked one: when it was cut
alter table connection add column unlinked_by text;   -- app | customer
alter table run add column dialect text;              -- through which dialect somebody asked for it; null: nobody did

-- What a token may be used for, and where its link leads the customer back to.
alter table access_token add column platforms text;       -- JSON list of keys; null: all
alter table access_token add column redirect_url text;
alter table access_token add column allowed_origins text; -- JSON list; null: pages of any origin
create index access_token_by_company on access_token (app_id, company_id);
alter table link_session add column platforms text;       -- JSON list of keys; null: all
alter table link_session add column redirect_url text;    -- instead of the app's own
