use std::hint::black_box;

use ledgerline_platform::Error;

use super::envelope::Envelope;
use super::feeds;
use super::rows::Flaw;
use super::table::Table;

/// See [`crate::parse_page`].
pub(crate) fn parse_page(feed: &str, body: &[u8]) -> Result<u64, Error> {
    if feed.starts_with("Reports/") {
        let envelope = Envelope::parse(body, "Reports")?;
        black_box(Table::of(&envelope)?);
        return Ok(1);
    }
    let endpoint = feeds::find(feed).ok_or_else(|| Error::Unsupported {
        what: format!("the feed `{feed}`"),
    })?;
    let envelope = Envelope::parse(body, endpoint.key)?;
    for object in &envelope.objects {
        black_box((endpoint.parse)(object.get())).map_err(|flaw: Flaw| Error::Malformed {
            reason: format!("an object of {feed}: {}", flaw.message),
        })?;
    }
    Ok(envelope.objects.len() as u64)
}
