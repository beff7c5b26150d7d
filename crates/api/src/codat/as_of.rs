/// Whether what is read agrees with what else is read as of the same.
pub mod sets;

use ledgerline_engine::Engine;
use ledgerline_model::connection::Connection;
use ledgerline_model::query::Moment;
use ledgerline_model::{AppId, PullId, RunId, Timestamp};
use ledgerline_store::{Tx, publications, pulls, runs};
use uuid::Uuid;

use super::errors::Error;
use super::query::Parameters;

/// The name of the parameter.
pub const NAME: &str = "asOf";

/// As of when records of the connection are asked for; `None`: as they are now. Whatever was meant, what is
/// published from now on comes later.
pub async fn asked(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    parameters: &Parameters,
) -> Result<Option<Timestamp>, Error> {
    let Some(text) = parameters.text(NAME) else {
        return Ok(None);
    };
    if let Ok(id) = text.parse::<Uuid>() {
        return published_by(tx, connection, id).await.map(Some);
    }
    instant(engine, tx, connection.app, NAME, text).await.map(Some)
}

/// The instant that a parameter names: never later than the app's last publication, which is `latest`.
pub async fn instant(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    name: &str,
    text: &str,
) -> Result<Timestamp, Error> {
    let last = publications::last_at(tx, app).await?;
    if text.eq_ignore_ascii_case("latest") {
        return Ok(last);
    }
    let moment = Moment::parse(text).ok_or_else(|| {
        Error::bad_data_query(format!(
            "The parameter `{name}` has to be an instant, e.g. `2027-03-01T09:00:00Z`, `latest`, or an id."
        ))
    })?;
    let instant = moment.in_utc();
    if instant > engine.now().max(last) {
        return Err(Error::bad_data_query(format!(
            "The parameter `{name}` is an instant of the future."
        )));
    }
    Ok(instant.min(last))
}

/// When the Run or the dataset of that id published last.
async fn published_by(tx: &mut Tx, connection: &Connection, id: Uuid) -> Result<Timestamp, Error> {
    let app = connection.app;
    let run = runs::find(tx, app, RunId(id)).await?;
    let published = if run.is_some_and(|run| run.connection == connection.id) {
        publications::last_of_run(tx, app, RunId(id)).await?
    } else {
        let pull = pulls::find(tx, app, PullId(id)).await?;
        let pull = pull.filter(|pull| pull.connection == connection.id);
        let no_such = || Error::no_such("Run or dataset for `asOf`", &id.to_string());
        let pull = pull.ok_or_else(no_such)?;
        publications::at(tx, app, pull.publication).await?
    };
    published.ok_or_else(|| {
        Error::conflict(format!(
            "The parameter `{NAME}` names a Run or dataset that has published nothing."
        ))
    })
}
