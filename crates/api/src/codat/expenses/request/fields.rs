use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use ledgerline_model::{Date, Decimal, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Problem;

/// Longest text that is taken for a name, a note or an id.
const MAX_TEXT: usize = 4000;

/// Between which an amount lies, and what is said of one that does not.
const MAX_AMOUNT: i64 = 5_000_000;

/// What is wrong with one request, field by field: all of it is told at once.
#[derive(Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub fn note(&self, item: impl Into<String>, message: impl Into<String>) {
        self.0.borrow_mut().push(Problem {
            item: item.into(),
            message: message.into(),
        });
    }

    pub fn into_inner(self) -> Vec<Problem> {
        self.0.into_inner()
    }
}

/// One object of a request. Its members are asked for by their name, whatever its case; null is absent.
///
/// Numbers are kept as the text they came as.
pub struct Object<'a> {
    members: BTreeMap<String, &'a RawValue>,
    path: String,
    pub problems: &'a Problems,
}

impl<'a> Object<'a> {
    /// The object that stands at `path`; `None`, and noted, if it is something else.
    pub fn of(value: &'a RawValue, path: String, problems: &'a Problems) -> Option<Self> {
        #[derive(Deserialize)]
        struct Members<'a>(#[serde(borrow)] BTreeMap<Cow<'a, str>, &'a RawValue>);

        let Ok(Members(found)) = serde_json::from_str(value.get()) else {
            problems.note(path, "An object is expected here.");
            return None;
        };
        let members = found.into_iter().filter(|(_, value)| value.get() != "null");
        Some(Self {
            members: members
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            path,
            problems,
        })
    }

    /// Where the member stands, e.g. `Items[0].Lines[2].NetAmount`.
    pub fn path_of(&self, name: &str) -> String {
        let name = pascal(name);
        match self.path.as_str() {
            "" => name,
            path => format!("{path}.{name}"),
        }
    }

    /// Note what is wrong with a member: `must` goes on after its name.
    pub fn refuse(&self, name: &str, must: &str) {
        let message = format!("The field {} {must}.", pascal(name));
        self.problems.note(self.path_of(name), message);
    }

    /// The member that has to be there, as `read` reads it.
    pub fn required<T>(&self, name: &str, read: impl FnOnce(&Self, &str) -> Option<T>) -> Option<T> {
        if self.has(name) {
            return read(self, name);
        }
        self.refuse(name, "is required");
        None
    }

    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// A text that is not empty; spaces around it mean nothing.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = self.parsed::<Cow<'a, str>>(name, "must be a text")?;
        let text = text.trim();
        if text.chars().count() > MAX_TEXT || text.contains('\0') {
            self.refuse(
                name,
                &format!("must hold at most {MAX_TEXT} characters, and none that is no text"),
            );
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The same where an empty one is as good as none.
    pub fn required_text(&self, name: &str) -> Option<String> {
        self.required(name, |this, name| {
            let text = this.text(name);
            if text.is_none()
                && this
                    .parsed_quietly::<Cow<'a, str>>(name)
                    .is_some_and(|text| text.trim().is_empty())
            {
                this.refuse(name, "is required");
            }
            text
        })
    }

    /// The id of an object of the books: the member is an object that has one.
    pub fn reference(&self, name: &str) -> Option<String> {
        self.object(name)?.required_text("id")
    }

    /// Whether the member is this JSON, whatever its case.
    pub fn is(&self, name: &str, json: &str) -> bool {
        self.raw(name)
            .is_some_and(|value| value.get().eq_ignore_ascii_case(json))
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.parsed(name, "must be a list of texts").unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.parsed(name, "must be true or false")
    }

    pub fn number(&self, name: &str) -> Option<Decimal> {
        self.parsed(name, "must be a number of at most 28 digits")
    }

    /// What a line may cost.
    pub fn amount(&self, name: &str) -> Option<Decimal> {
        let amount = self.number(name)?;
        if amount < Decimal::ZERO || amount > Decimal::from(MAX_AMOUNT) {
            self.refuse(name, &format!("must be between 0 and {MAX_AMOUNT}"));
            return None;
        }
        Some(amount)
    }

    /// What a line of a journal moves: above 0 or below.
    pub fn signed_amount(&self, name: &str) -> Option<Decimal> {
        let amount = self.number(name)?;
        if amount.abs() > Decimal::from(MAX_AMOUNT) {
            self.refuse(name, &format!("must be between -{MAX_AMOUNT} and {MAX_AMOUNT}"));
            return None;
        }
        Some(amount)
    }

    /// The day of a date in any of its three forms (`…Z`, with an offset, without a zone), as it is written there.
    pub fn date(&self, name: &str) -> Option<Date> {
        let text = self.text(name)?;
        let day = day(&text);
        if day.is_none() {
            self.refuse(name, "must be a date, e.g. 2027-03-05 or 2027-03-05T00:00:00Z");
        }
        day
    }

    /// A currency by its three letters.
    pub fn currency(&self, name: &str) -> Option<String> {
        let text = self.text(name)?.to_ascii_uppercase();
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some(text);
        }
        self.refuse(name, "must be a currency by its three letters, e.g. GBP");
        None
    }

    /// Base currency per unit: above 0, at most 9 decimals.
    pub fn rate(&self, name: &str) -> Option<Decimal> {
        let rate = self.number(name)?;
        if rate <= Decimal::ZERO || rate.normalized().scale() > 9 {
            self.refuse(name, "must be greater than 0 and have at most 9 decimal places");
            return None;
        }
        Some(rate)
    }

    pub fn object(&self, name: &str) -> Option<Self> {
        Self::of(self.raw(name)?, self.path_of(name), self.problems)
    }

    /// The objects of a list of `least` to `most`; those that are none are noted and left out.
    pub fn objects(&self, name: &str, least: usize, most: usize) -> Vec<Self> {
        let Some(list) = self.parsed::<Vec<&'a RawValue>>(name, "must be a list") else {
            return Vec::new();
        };
        if !(least..=most).contains(&list.len()) {
            self.refuse(name, &format!("must hold between {least} and {most} items"));
            return Vec::new();
        }
        let path = self.path_of(name);
        objects(&list, &path, self.problems)
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.members.get(&name.to_ascii_lowercase()).copied()
    }

    fn parsed<T: Deserialize<'a>>(&self, name: &str, must: &str) -> Option<T> {
        let value = self.raw(name)?;
        let parsed = serde_json::from_str(value.get());
        if parsed.is_err() {
            self.refuse(name, must);
        }
        parsed.ok()
    }

    fn parsed_quietly<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }
}

/// The members of a list that stands at `path`.
pub fn objects<'a>(list: &[&'a RawValue], path: &str, problems: &'a Problems) -> Vec<Object<'a>> {
    let each = list.iter().enumerate();
    each.filter_map(|(index, value)| Object::of(value, format!("{path}[{index}]"), problems))
        .collect()
}

fn day(text: &str) -> Option<Date> {
    let day = text.get(..10).filter(|day| day.as_bytes()[4] == b'-')?;
    let day: Date = day.parse().ok()?;
    let is_whole = text.len() == 10
        || text.parse::<jiff::civil::DateTime>().is_ok()
        || text.parse::<Timestamp>().is_ok();
    is_whole.then_some(day)
}

/// The names of fields as the dialect's messages spell them.
fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_day_that_is_written_whatever_its_zone() {
        for text in [
            "2027-03-05",
            "2027-03-05T00:00:00",
            "2027-03-05T23:59:59.123Z",
            "2027-03-05T23:30:00-08:00",
        ] {
            assert_eq!(day(text), Some(jiff::civil::date(2027, 3, 5)), "{text}");
        }
        for text in [
            "",
            "2027",
            "05/03/2027",
            "2027-02-30",
            "2027-03-05 at noon",
            "20270305T1234",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
