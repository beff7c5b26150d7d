use std::fmt::Write as _;

use axum::extract::RawPathParams;
use axum::response::{IntoResponse, Response};
use ledgerline_engine::Engine;
use ledgerline_model::DataType;
use ledgerline_model::connection::Connection;
use ledgerline_model::query::{Filter, ListRequest, Operand, Operator, Schema, Test, fold};
use ledgerline_store::{Tx, connections, reading};

use super::as_of;
use super::errors::Error;
use super::owned::{CompanyOf, ConnectionOf};
use super::paging::List;
use super::query::Parameters;
use super::standard;

/// Data types that are read of a company: under `/companies/{companyId}/data/…`.
pub const OF_COMPANIES: [(&str, DataType); 17] = [
    ("accounts", DataType::ChartOfAccounts),
    ("billCreditNotes", DataType::BillCreditNotes),
    ("billPayments", DataType::BillPayments),
    ("bills", DataType::Bills),
    ("creditNotes", DataType::CreditNotes),
    ("customers", DataType::Customers),
    ("invoices", DataType::Invoices),
    ("items", DataType::Items),
    ("journalEntries", DataType::JournalEntries),
    ("journals", DataType::Journals),
    ("paymentMethods", DataType::PaymentMethods),
    ("payments", DataType::Payments),
    ("purchaseOrders", DataType::PurchaseOrders),
    ("salesOrders", DataType::SalesOrders),
    ("suppliers", DataType::Suppliers),
    ("taxRates", DataType::TaxRates),
    ("trackingCategories", DataType::TrackingCategories),
];

/// Data types that are read of a connection: under `/companies/{companyId}/connections/{connectionId}/data/…`.
pub const OF_CONNECTIONS: [(&str, DataType); 7] = [
    ("accountTransactions", DataType::AccountTransactions),
    ("bankAccounts", DataType::BankAccounts),
    ("directCosts", DataType::DirectCosts),
    ("directIncomes", DataType::DirectIncomes),
    ("itemReceipts", DataType::ItemReceipts),
    ("payments", DataType::Payments),
    ("transfers", DataType::Transfers),
];

/// Records of the company's connection: the linked one, else the one that was linked last.
pub async fn list_of_company(of: CompanyOf, list: List, data_type: DataType) -> Result<Response, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = readable_connection(&mut tx, &of).await?;
    page(&of.engine, &mut tx, &connection, list, data_type, None).await
}

/// One of them.
pub async fn get_of_company(
    of: CompanyOf,
    path: RawPathParams,
    parameters: Parameters,
    data_type: DataType,
) -> Result<Response, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = readable_connection(&mut tx, &of).await?;
    one(&of.engine, &mut tx, &connection, data_type, &parameters, &path).await
}

/// Records of a connection.
pub async fn list_of_connection(
    of: ConnectionOf,
    list: List,
    data_type: DataType,
) -> Result<Response, Error> {
    let mut tx = of.engine.store.read().await?;
    page(&of.engine, &mut tx, &of.connection, list, data_type, None).await
}

/// One of them.
pub async fn get_of_connection(
    of: ConnectionOf,
    path: RawPathParams,
    parameters: Parameters,
    data_type: DataType,
) -> Result<Response, Error> {
    let mut tx = of.engine.store.read().await?;
    one(&of.engine, &mut tx, &of.connection, data_type, &parameters, &path).await
}

/// What the bank says of one bank account.
pub async fn list_bank_transactions(
    of: ConnectionOf,
    path: RawPathParams,
    list: List,
) -> Result<Response, Error> {
    let account = Filter::Test(Test {
        property: "accountId".to_owned(),
        operator: Operator::Equal,
        operand: Operand::Text(fold(record_id(&path)?)),
    });
    let mut tx = of.engine.store.read().await?;
    let data_type = DataType::BankTransactions;
    page(
        &of.engine,
        &mut tx,
        &of.connection,
        list,
        data_type,
        Some(account),
    )
    .await
}

/// What the organisation says of itself; one record.
pub async fn get_info(of: CompanyOf, parameters: Parameters) -> Result<Response, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = readable_connection(&mut tx, &of).await?;
    let data_type = DataType::Company;
    let records = readable(&of.engine, &mut tx, &connection, data_type, &parameters).await?;
    let request = ListRequest {
        filter: None,
        order: None,
        page: 1,
        page_size: 1,
    };
    let page = reading::list(&mut tx, records, &request).await?;
    let headers = as_of::sets::headers(&mut tx, &connection, data_type, &parameters, records.as_of).await?;
    match page.records.first() {
        Some(record) => Ok((headers, standard::answer(standard::text(record))).into_response()),
        None => Err(Error::no_data(data_type, &of.company.id.to_string())),
    }
}

/// Where a company's data is: in the linked connection, else in the one that was linked last.
pub async fn readable_connection(tx: &mut Tx, of: &CompanyOf) -> Result<Connection, Error> {
    connections::active(tx, of.app, of.company.id)
        .await?
        .ok_or_else(Error::not_requested)
}

/// The records of a type, as of when they are asked for. Refuses a type that the platform cannot give, or that had
/// never been read to its end.
pub async fn readable(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    data_type: DataType,
    parameters: &Parameters,
) -> Result<reading::Of, Error> {
    if let Some(entry) = engine.registry.find(&connection.platform)
        && !entry.about().supports(data_type)
    {
        return Err(Error::not_supported(data_type, entry.about().name));
    }
    let of = reading::Of {
        app: connection.app,
        connection: connection.id,
        data_type,
        as_of: as_of::asked(engine, tx, connection, parameters).await?,
    };
    if !reading::published(tx, of).await? {
        return Err(Error::not_requested());
    }
    Ok(of)
}

async fn page(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    list: List,
    data_type: DataType,
    narrowed: Option<Filter>,
) -> Result<Response, Error> {
    let mut request = list
        .request(Schema::of(data_type))
        .map_err(|error| Error::bad_data_query(error.to_string()))?;
    let of = readable(engine, tx, connection, data_type, &list.parameters).await?;
    request.filter = match (request.filter, narrowed) {
        (Some(asked), Some(narrowed)) => Some(Filter::All(vec![asked, narrowed])),
        (asked, narrowed) => asked.or(narrowed),
    };
    let page = reading::list(tx, of, &request).await?;
    let headers = as_of::sets::headers(tx, connection, data_type, &list.parameters, of.as_of).await?;
    let links = serde_json::to_string(&list.links_as_of(of.as_of, page.total))
        .map_err(|error| Error::internal(&error))?;
    let size: usize = page
        .records
        .iter()
        .map(|record| record.standard.len() + 128)
        .sum();
    let mut body = String::with_capacity(size + 512);
    body.push_str("{\"results\":[");
    for (index, record) in page.records.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        standard::push(record, &mut body);
    }
    let _ = write!(
        body,
        "],\"pageNumber\":{},\"pageSize\":{},\"totalResults\":{},\"_links\":{links}}}",
        list.page, list.page_size, page.total
    );
    Ok((headers, standard::answer(body)).into_response())
}

async fn one(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    data_type: DataType,
    parameters: &Parameters,
    path: &RawPathParams,
) -> Result<Response, Error> {
    let of = readable(engine, tx, connection, data_type, parameters).await?;
    let id = record_id(path)?;
    let headers = as_of::sets::headers(tx, connection, data_type, parameters, of.as_of).await?;
    match reading::one(tx, of, id).await? {
        Some(record) => Ok((headers, standard::answer(standard::text(&record))).into_response()),
        None => Err(Error::no_data(of.data_type, id)),
    }
}

/// The id that the path names.
pub fn record_id(path: &RawPathParams) -> Result<&str, Error> {
    path.iter()
        .find(|(name, _)| *name == "recordId")
        .map(|(_, value)| value)
        .ok_or_else(Error::not_found)
}
