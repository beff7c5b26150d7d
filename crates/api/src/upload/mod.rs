//! Forms with files.

/// Their bodies.
mod multipart;

use axum::extract::Request;
use bytes::Bytes;
use http::header;

use crate::body;
use multipart::{Malformed, Part};

/// A form, as far as anybody reads it.
#[derive(Clone, Debug)]
pub struct Form {
    /// Parts with a file name, whatever they are called: clients do not agree on `file`.
    files: Vec<File>,
    fields: Vec<Part>,
}

#[derive(Clone, Debug)]
pub struct File {
    /// As the client wrote it: it names no folder, and shows as it is written.
    pub name: String,
    pub content: Bytes,
}

/// Why there is none.
#[derive(Clone, Debug)]
pub enum Refused {
    Body(body::Refused),
    /// What is wrong with the form.
    Form(&'static str),
}

/// What a form holds beside its file.
const REST: usize = 64 * 1024;

/// Read a form with files of at most so many bytes.
pub async fn read(request: Request, limit: usize) -> Result<Form, Refused> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multipart::boundary(content_type).map_err(malformed)?;
    let body = body::read(request.into_body(), limit.saturating_add(REST))
        .await
        .map_err(Refused::Body)?;
    let mut form = Form {
        files: Vec::new(),
        fields: Vec::new(),
    };
    for part in multipart::parts(&boundary, &body).map_err(malformed)? {
        let Some(name) = part.file_name else {
            form.fields.push(part);
            continue;
        };
        if !is_plain(&name) {
            return Err(Refused::Form(
                "The file name has to be one that names no folder and shows as it is written.",
            ));
        }
        let content = part.content;
        form.files.push(File { name, content });
    }
    Ok(form)
}

impl Form {
    /// The first file.
    pub fn first(self) -> Result<File, Refused> {
        let first = self.files.into_iter().next();
        first.ok_or(Refused::Form("The form has to hold a part with a file name."))
    }

    /// A file whose bytes are listed as decimal numbers in a field with an empty name, under the name in the field
    /// `requestBody`: `@codat/sync-for-expenses` 3.1.0 of npm sends this (seen on the wire).
    pub fn listed(&self) -> Option<File> {
        let numbers = self.text("")?.split(',');
        let name = self.text("requestBody").filter(|name| is_plain(name))?;
        // What is no such list may be anything that a client has spoiled.
        let content: Option<Vec<u8>> = numbers.map(|number| number.parse().ok()).collect();
        Some(File {
            name: name.to_owned(),
            content: content?.into(),
        })
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// What was typed into a field, unless that is nothing; the first of its name counts.
    pub fn text(&self, name: &str) -> Option<&str> {
        let field = self
            .fields
            .iter()
            .find(|part| part.name.as_deref() == Some(name))?;
        let text = std::str::from_utf8(&field.content).ok()?.trim();
        (!text.is_empty()).then_some(text)
    }
}

fn malformed(malformed: Malformed) -> Refused {
    Refused::Form(match malformed {
        Malformed::NotMultipart => {
            "The body has to be a form with a file, with the header `Content-Type: multipart/form-data; boundary=…`."
        }
        Malformed::Broken => "The body is no complete form of the boundary that the `Content-Type` names.",
    })
}

/// Whether a client that means well could have chosen the name: it names no folder, and shows as it is written.
fn is_plain(file_name: &str) -> bool {
    let misleads = |character: char| {
        character.is_control()
            || matches!(
                character,
                '/' | '\\' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            )
    };
    !file_name.contains(misleads) && !matches!(file_name.trim(), "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use super::{Form, Part, is_plain};

    #[test]
    fn the_bytes_may_be_listed_as_numbers() {
        let form = |numbers: &'static str, name: &'static str| Form {
            files: Vec::new(),
            fields: [("", numbers), ("requestBody", name)]
                .map(|(name, content)| Part {
                    name: Some(name.to_owned()),
                    file_name: None,
                    content: content.into(),
                })
                .into(),
        };
        let file = form("37,80,68,70,255,0", "receipt.pdf").listed().unwrap();
        assert_eq!(
            (file.name.as_str(), &file.content[..]),
            ("receipt.pdf", &b"%PDF\xff\0"[..])
        );
        for (numbers, name) in [
            ("", "a.pdf"),
            ("%PDF-1.7", "a.pdf"),
            ("37,256", "a.pdf"),
            ("37,,80", "a.pdf"),
            ("37, 80", "a.pdf"),
            ("-1", "a.pdf"),
            ("37", ""),
            ("37", "../a.pdf"),
        ] {
            assert!(form(numbers, name).listed().is_none(), "{numbers:?} {name:?}");
        }
    }

    #[test]
    fn names_that_mislead_are_seen() {
        for name in ["receipt.pdf", "Beleg Nr. 7 (Köln).png", "..jpg"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "../../etc/passwd",
            "..\\x.pdf",
            "a\0.pdf",
            "a\u{202e}fdp.exe",
            "..",
            " ",
            "a\nb.pdf",
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
