use ledgerline_model::DataType;
use ledgerline_model::query::{Filter, ListRequest, Operand, Operator, Test, fold};
use ledgerline_model::record::Record;
use ledgerline_store::Tx;
use ledgerline_store::reading::{self, Of};
use serde::de::DeserializeOwned;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Page, Pagination, Parameters, REFERENCES};

/// A page of the records that exist, in the order of their ids; `name` is the property that `query` looks into.
pub async fn list<T: DeserializeOwned>(
    of: &ConnectionOf,
    parameters: &Parameters,
    data_type: DataType,
    name: &str,
) -> Result<(Vec<T>, Pagination), Error> {
    let page = parameters.page(REFERENCES)?;
    let mut tx = of.app.engine.store.read().await?;
    let records = readable(of, &mut tx, data_type).await?;
    let mut tests = vec![exists()];
    if let Some(query) = parameters.text("query") {
        tests.push(Filter::Test(Test {
            property: name.to_owned(),
            operator: Operator::Contains,
            operand: Operand::Text(fold(query)),
        }));
    }
    let found = reading::list(&mut tx, records, &request(tests, page)).await?;
    let items = found.records.iter().map(read);
    Ok((items.collect::<Result<_, _>>()?, page.of(found.total)))
}

/// All records that exist: only of types of which no books have many.
pub async fn all<T: DeserializeOwned>(tx: &mut Tx, records: Of) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    for page in 1.. {
        let page = Page {
            page,
            limit: REFERENCES.largest,
        };
        let found = reading::list(tx, records, &request(vec![exists()], page)).await?;
        for record in &found.records {
            items.push(read(record)?);
        }
        if page.offset() + u64::from(page.limit) >= found.total {
            break;
        }
    }
    Ok(items)
}

fn request(tests: Vec<Filter>, page: Page) -> ListRequest {
    ListRequest {
        filter: Some(Filter::All(tests)),
        order: None,
        page: page.page,
        page_size: page.limit,
    }
}

fn exists() -> Filter {
    Filter::Test(Test {
        property: "metadata.isDeleted".to_owned(),
        operator: Operator::Equal,
        operand: Operand::Flag(false),
    })
}

fn read<T: DeserializeOwned>(record: &Record) -> Result<T, Error> {
    serde_json::from_str(&record.standard).map_err(|error| Error::internal(&error))
}

/// The records of a type. Refuses one that was never read to its end: an empty list would be a lie.
pub async fn readable(of: &ConnectionOf, tx: &mut Tx, data_type: DataType) -> Result<Of, Error> {
    let records = Of {
        app: of.connection.app,
        connection: of.connection.id,
        data_type,
        as_of: None,
    };
    let entry = of.app.engine.registry.find(&of.connection.platform);
    if entry.is_some_and(|entry| !entry.about().supports(data_type)) {
        return Err(Error::bad_request(format!(
            "{data_type} cannot be read from this accounting software"
        )));
    }
    if !reading::published(tx, records).await? {
        return Err(Error::conflict(format!(
            "{data_type} of this connection have not been read yet: try again shortly"
        )));
    }
    Ok(records)
}
