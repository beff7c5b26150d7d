use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::xero::accounting::resource::{Cx, Detail, Resource};

/// What became of one record that was sent.
pub(super) enum Outcome {
    Written(Uuid),
    Refused(Refused),
}

/// A record that is not taken.
pub(super) struct Refused {
    pub(super) sent: BTreeMap<String, Box<RawValue>>,
    pub(super) reasons: Vec<String>,
}

impl Outcome {
    pub(super) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Written(id) => Some(*id),
            Self::Refused(_) => None,
        }
    }

    /// It in the answer; `own_fate`: with its own status.
    pub(super) fn wire<'a, T: Resource>(&'a self, cx: &Cx<'a>, own_fate: bool) -> Element<'a, T::Wire<'a>> {
        match self {
            Self::Written(id) => Element::Written {
                record: T::table(cx.ledger)
                    .get(*id)
                    .map(|record| record.wire(cx, Detail::Single)),
                status: own_fate.then_some("OK"),
            },
            Self::Refused(refused) => Element::Refused(refused),
        }
    }
}

/// The body of a refusal of all.
pub(super) fn refusal<'a>(refused: impl Iterator<Item = &'a Refused>) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Refusal<'a> {
        error_number: u8,
        r#type: &'static str,
        message: &'static str,
        elements: Vec<Element<'a, ()>>,
    }
    let refusal = Refusal {
        error_number: 10,
        r#type: "ValidationException",
        message: "A validation exception occurred",
        elements: refused.map(Element::Refused).collect(),
    };
    serde_json::to_vec(&refusal).unwrap_or_default()
}

/// One record in an answer.
pub(super) enum Element<'a, W> {
    Written {
        record: Option<W>,
        status: Option<&'static str>,
    },
    Refused(&'a Refused),
}

impl<W: Serialize> Serialize for Element<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a, W> {
            #[serde(flatten)]
            record: &'a Option<W>,
            #[serde(rename = "StatusAttributeString", skip_serializing_if = "Option::is_none")]
            status: Option<&'static str>,
        }
        match self {
            Self::Written { record, status } => Written {
                record,
                status: *status,
            }
            .serialize(serializer),
            Self::Refused(Refused { sent, reasons }) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, value) in sent {
                    map.serialize_entry(name, value)?;
                }
                map.serialize_entry("StatusAttributeString", "ERROR")?;
                map.serialize_entry("HasErrors", &true)?;
                let reasons: Vec<_> = reasons
                    .iter()
                    .map(|reason| json!({ "Message": reason }))
                    .collect();
                map.serialize_entry("ValidationErrors", &reasons)?;
                map.end()
            }
        }
    }
}
