//! The Codat-shaped dialect, mounted at `/`.

/// Refusals, in the dialect's words and shape.
pub(crate) mod errors;
/// Query strings.
mod query;
/// What the dialect prints of our nouns.
mod views;
/// Events, in the dialect's words and shape.
pub mod webhooks;

/// As of when records are asked for.
mod as_of;
/// Companies and connections that the path names.
mod owned;
/// Pages of lists.
mod paging;
/// The headers that tell how many requests are left.
mod rate;
/// The text of records as it is served.
mod standard;

/// Tokens for code in a customer's browser.
mod access_token;
/// The app's keys.
mod api_keys;
/// What changed in the data of all companies.
mod changes;
/// The app's customers.
mod companies;
/// Their ties to platforms.
mod connections;
/// How far data types agree with each other.
mod consistency;
/// Who is told of events.
mod consumers;
/// How fresh the data is.
mod data_status;
/// Expenses into the books.
mod expenses;
/// Balance sheets, profit and loss.
mod financials;
/// Every read of data that there was.
mod history;
/// The platforms that companies can be connected to.
mod integrations;
/// What the app says of itself.
mod profile;
/// What was written into the customer's books.
mod pushes;
/// Records: invoices, bills and all the others.
mod records;
/// Having data read again.
mod refresh;
/// Who is told of events, as it was done before there were webhooks.
pub mod rules;
/// How fresh each data type is kept, and how far back it is read.
mod sync_settings;
/// What is wrong with the records of a read.
mod validation;
/// The forms that a record had.
mod versions;

/// The routes that each data type has, described.
mod description_of_records;
/// What the description says beyond what the handlers do.
mod openapi;

#[cfg(test)]
mod tests;

pub(crate) use rate::Usage;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::correlation::panicked;

/// The routes, and their description.
pub(crate) fn router(api: &Api) -> (Router<Api>, OpenApi) {
    let (router, description) = described(&api.engine.config.public_url);
    let router = router
        .merge(records())
        .route("/logos/{file}", get(integrations::logo))
        .fallback(async || errors::Error::not_found())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn_with_state(api.clone(), rate::limit))
        .layer(from_fn(errors::render));
    (router, description)
}

/// The description of this dialect, for a server at this address.
pub fn description(public_url: &Url) -> OpenApi {
    described(public_url).1
}

fn described(public_url: &Url) -> (Router<Api>, OpenApi) {
    let (router, mut description) = OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(companies::list_companies, companies::create_company))
        .routes(routes!(
            companies::get_company,
            companies::replace_company,
            companies::update_company,
            companies::delete_company
        ))
        .routes(routes!(
            connections::list_connections,
            connections::create_connection
        ))
        .routes(routes!(
            connections::get_connection,
            connections::unlink_connection,
            connections::delete_connection
        ))
        .routes(routes!(integrations::list_integrations))
        .routes(routes!(integrations::get_integration))
        .routes(routes!(integrations::get_branding))
        .routes(routes!(access_token::company_access_token))
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(api_keys::delete_api_key))
        .routes(routes!(profile::get_profile, profile::update_profile))
        .routes(routes!(
            sync_settings::get_profile_sync_settings,
            sync_settings::update_profile_sync_settings
        ))
        .routes(routes!(
            sync_settings::get_company_sync_settings,
            sync_settings::update_company_sync_settings
        ))
        .routes(routes!(consumers::list_webhooks, consumers::create_webhook))
        .routes(routes!(consumers::delete_webhook))
        .routes(routes!(rules::list_rules, rules::create_rule))
        .routes(routes!(rules::get_rule, rules::delete_rule))
        .routes(routes!(data_status::get_data_status))
        .routes(routes!(refresh::refresh_all))
        .routes(routes!(refresh::refresh_data_type))
        .routes(routes!(refresh::refresh_info))
        .routes(routes!(history::list_history))
        .routes(routes!(history::get_history))
        .routes(routes!(validation::get_validation))
        .routes(routes!(changes::list_changes))
        .merge(expenses::routes())
        .routes(routes!(pushes::list_push_operations))
        .routes(routes!(pushes::get_push_operation))
        .split_for_parts();
    description_of_records::add(&mut description);
    openapi::complete(&mut description, public_url);
    (router, description)
}

/// Three routes for each data type: a page of its records, one of them, and the forms that one had.
fn records() -> Router<Api> {
    let mut router = Router::new();
    for (name, data_type) in records::OF_COMPANIES {
        let list = move |of, list| records::list_of_company(of, list, data_type);
        let one = move |of, path, asked| records::get_of_company(of, path, asked, data_type);
        let versions = move |of, path, list| versions::list_of_company(of, path, list, data_type);
        let path = format!("/companies/{{companyId}}/data/{name}");
        router = router
            .route(&format!("{path}/{{recordId}}/versions"), get(versions))
            .route(&format!("{path}/{{recordId}}"), get(one))
            .route(&path, get(list));
    }
    for (name, data_type) in records::OF_CONNECTIONS {
        let list = move |of, list| records::list_of_connection(of, list, data_type);
        let one = move |of, path, asked| records::get_of_connection(of, path, asked, data_type);
        let versions = move |of, path, list| versions::list_of_connection(of, path, list, data_type);
        let path = format!("/companies/{{companyId}}/connections/{{connectionId}}/data/{name}");
        router = router
            .route(&format!("{path}/{{recordId}}/versions"), get(versions))
            .route(&format!("{path}/{{recordId}}"), get(one))
            .route(&path, get(list));
    }
    let of_account =
        "/companies/{companyId}/connections/{connectionId}/data/bankAccounts/{recordId}/bankTransactions";
    let statements = "/companies/{companyId}/data/financials";
    router
        .route(of_account, get(records::list_bank_transactions))
        .route("/companies/{companyId}/data/info", get(records::get_info))
        .route(
            &format!("{statements}/balanceSheet"),
            get(financials::balance_sheet),
        )
        .route(
            &format!("{statements}/profitAndLoss"),
            get(financials::profit_and_loss),
        )
        .route(
            &format!("{statements}/cashFlowStatement"),
            get(financials::cash_flow_statement),
        )
}
