use ledgerline_model::DataType;
use ledgerline_platform::{Error, Row};
use serde_json::value::RawValue;
use std::collections::HashMap;

use super::envelope::place;
use super::facts::Facts;
use super::feeds::{ENDPOINTS, Endpoint, Paging};
use super::reports;
use super::rows::Rows;
use super::text::Str;

/// Map a recorded answer: an envelope, a list of objects, one object, or exchanges whose `response` is one of
/// these. Nothing can be asked here, so what only other endpoints know (balances, ids of accounts that are
/// named by code) is left out with an issue.
pub(crate) fn map_recording(data_type: DataType, recording: &[u8]) -> Result<Vec<Row>, Error> {
    let text = std::str::from_utf8(recording).map_err(|_| malformed("is not UTF-8".into()))?;
    let json = serde_json::from_str::<&RawValue>(text.trim_start_matches('\u{feff}'))
        .map_err(|error| malformed(format!("is no JSON: {}", place(&error))))?;
    let endpoints = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.data_types.contains(&data_type))
        .collect::<Vec<_>>();
    if endpoints.is_empty() {
        return Err(Error::Unsupported {
            what: data_type.to_string(),
        });
    }
    let wanted = [data_type];
    let mut recording = Recording {
        data_type,
        endpoints,
        rows: Rows::wanted(&wanted),
        others: Vec::new(),
    };
    recording.add(json)?;
    let mut rows = recording.rows.into_rows();
    rows.append(&mut recording.others);
    Ok(rows)
}

struct Recording<'w> {
    data_type: DataType,
    endpoints: Vec<&'static Endpoint>,
    rows: Rows<'w>,
    others: Vec<Row>,
}

impl Recording<'_> {
    fn add(&mut self, json: &RawValue) -> Result<(), Error> {
        if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(json.get()) {
            return list.into_iter().try_for_each(|element| self.add(element));
        }
        let members: HashMap<Str<'_>, &RawValue> = serde_json::from_str(json.get())
            .map_err(|error| malformed(format!("holds neither objects nor lists: {}", place(&error))))?;
        let member = |name: &'static str| members.get(&Str(name.into())).copied();
        if let Some(response) = member("response") {
            return self.add(response);
        }
        // Objects first: a prepayment has a member `Payments`, as the envelope of payments has.
        for endpoint in self.endpoints.clone() {
            if member(endpoint.id).is_some() {
                return self.rows.add(json, endpoint, &Facts::default());
            }
        }
        for endpoint in self.endpoints.clone() {
            if let Paging::Months(report) = endpoint.paging {
                if member("Reports").is_some() {
                    let rows = reports::map_recording(report, self.data_type, json)?;
                    self.others.extend(rows);
                    return Ok(());
                }
            } else if let Some(list) = member(endpoint.key) {
                return self.add(list);
            }
        }
        Err(malformed(format!("holds no {}", self.data_type)))
    }
}

fn malformed(reason: String) -> Error {
    Error::Malformed {
        reason: format!("the recording {reason}"),
    }
}
