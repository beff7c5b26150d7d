use http::{HeaderMap, HeaderName, HeaderValue};
use ledgerline_model::connection::Connection;
use ledgerline_model::run::Run;
use ledgerline_model::{DataType, Instant, RunId, Timestamp};
use ledgerline_store::{Tx, publications, runs};

use super::super::errors::Error;
use super::super::query::Parameters;
use super::NAME;

/// Which Run left the data as it was.
const RUN: HeaderName = HeaderName::from_static("ledgerline-run");

/// That what is read need not agree with what else is read as of the same.
const NOTICE: HeaderName = HeaderName::from_static("ledgerline-notice");

/// So many data types are named.
const NAMED: usize = 5;

/// What an answer as of `at` says of the Run that it is of; nothing of one that is as of now.
pub async fn headers(
    tx: &mut Tx,
    connection: &Connection,
    data_type: DataType,
    parameters: &Parameters,
    at: Option<Timestamp>,
) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let Some(at) = at else {
        return Ok(headers);
    };
    let all = publications::runs_at(tx, connection.app, connection.id, at).await?;
    let Some((_, own)) = all.iter().find(|(of, _)| *of == data_type) else {
        return Ok(headers);
    };
    let asked = match parameters.text(NAME).and_then(|text| text.parse().ok()) {
        Some(id) => runs::find(tx, connection.app, RunId(id)).await?,
        None => None,
    };
    let said = [
        (RUN, Some(own.to_string())),
        (NOTICE, notice(data_type, *own, &all, asked.as_ref(), at)),
    ];
    for (name, text) in said {
        if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

/// `None`: it is what the Run that was asked for left, or all types are of one Run.
fn notice(
    data_type: DataType,
    own: RunId,
    all: &[(DataType, RunId)],
    asked: Option<&Run>,
    at: Timestamp,
) -> Option<String> {
    if let Some(run) = asked {
        return match run.finished_at {
            _ if run.id != own => Some(format!(
                "{data_type} is as Run {own} left it, not Run {}: it may not agree with what that one read.",
                run.id
            )),
            None => Some(format!(
                "Run {} has not ended: what it is yet to publish will belong to it.",
                run.id
            )),
            Some(_) => None,
        };
    }
    let others: Vec<&str> = all
        .iter()
        .filter(|(_, run)| *run != own)
        .map(|(data_type, _)| data_type.key())
        .collect();
    let more = match others.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        Some(0) | None => String::new(),
    };
    let named = others.get(..NAMED).unwrap_or(&others).join(", ");
    (!others.is_empty()).then(|| {
        format!(
            "As of {} the data types are of several Runs and may not agree: {data_type} is of Run {own}, {named}{more} \
             are not.",
            Instant(at)
        )
    })
}

#[cfg(test)]
mod tests {
    use ledgerline_model::run::Reason;
    use ledgerline_model::{AppId, CompanyId, ConnectionId};
    use uuid::Uuid;

    use super::*;

    fn run(number: u128, is_ended: bool) -> Run {
        Run {
            app: AppId(Uuid::nil()),
            id: RunId(Uuid::from_u128(number)),
            company: CompanyId(Uuid::nil()),
            connection: ConnectionId(Uuid::nil()),
            reason: Reason::OnDemand,
            period: None,
            data_period: None,
            created_at: Timestamp::UNIX_EPOCH,
            finished_at: is_ended.then_some(Timestamp::UNIX_EPOCH),
            pulls_left: 0,
        }
    }

    #[test]
    fn it_is_said_if_what_is_read_is_of_several_runs() {
        use DataType::{Bills, Customers, Invoices, Items, Payments, Suppliers, TaxRates};
        let (one, two) = (run(1, true), run(2, true));
        let said = |own: &Run, all: &[(DataType, RunId)], asked: Option<&Run>| {
            notice(Invoices, own.id, all, asked, Timestamp::UNIX_EPOCH)
        };
        let same = [(Invoices, one.id), (Bills, one.id)];
        assert_eq!(said(&one, &same, None), None);
        assert_eq!(said(&one, &same, Some(&one)), None);
        let other = said(&one, &same, Some(&two)).unwrap();
        assert!(
            other.contains("invoices is as Run 00000000-0000-0000-0000-000000000001 left it, not Run"),
            "{other}"
        );
        let running = said(&one, &same, Some(&run(1, false))).unwrap();
        assert!(running.contains("has not ended"), "{running}");

        let mut mixed = vec![(Invoices, two.id), (Bills, one.id)];
        let instant = said(&two, &mixed, None).unwrap();
        assert!(instant.starts_with("As of 1970-01-01T00:00:00"), "{instant}");
        assert!(instant.ends_with("bills are not."), "{instant}");
        // Another type may be of another Run: this one is as the Run left it.
        assert_eq!(said(&two, &mixed, Some(&two)), None);
        mixed.extend([Customers, Items, Payments, Suppliers, TaxRates].map(|of| (of, one.id)));
        let instant = said(&two, &mixed, None).unwrap();
        assert!(instant.ends_with("suppliers and 1 more are not."), "{instant}");
    }
}
