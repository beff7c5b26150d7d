use bytes::Bytes;

/// A part of a `multipart/form-data` body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Of the field.
    pub name: Option<String>,
    /// As the client wrote it; of files only.
    pub file_name: Option<String>,
    pub content: Bytes,
}

/// Why there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Malformed {
    NotMultipart,
    Broken,
}

/// The boundary that the `Content-Type` names.
pub fn boundary(content_type: &str) -> Result<String, Malformed> {
    let (essence, parameters) = content_type.split_once(';').ok_or(Malformed::NotMultipart)?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(Malformed::NotMultipart);
    }
    let boundary = parameter(parameters, "boundary").ok_or(Malformed::NotMultipart)?;
    if boundary.is_empty() || boundary.len() > 70 || !boundary.is_ascii() {
        return Err(Malformed::NotMultipart);
    }
    Ok(boundary)
}

/// All parts, in their order.
pub fn parts(boundary: &str, body: &Bytes) -> Result<Vec<Part>, Malformed> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter stands at the beginning, or at the end of a line.
    let mut at = if body.starts_with(&delimiter.as_bytes()[2..]) {
        delimiter.len() - 2
    } else {
        find(body, 0, delimiter.as_bytes()).ok_or(Malformed::Broken)? + delimiter.len()
    };
    let mut parts = Vec::new();
    loop {
        let rest = &body[at..];
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let padding = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        if !rest[padding..].starts_with(b"\r\n") {
            return Err(Malformed::Broken);
        }
        // A part without headers begins with the empty line itself.
        let headers = at + padding;
        let end = find(body, headers, b"\r\n\r\n").ok_or(Malformed::Broken)?;
        let content = end + 4;
        let last = find(body, end + 2, delimiter.as_bytes()).ok_or(Malformed::Broken)?;
        let text = std::str::from_utf8(&body[headers..end]).map_err(|_| Malformed::Broken)?;
        let disposition = disposition(text).unwrap_or_default();
        parts.push(Part {
            name: parameter(disposition, "name"),
            file_name: file_name(disposition),
            content: body.slice(content.min(last)..last),
        });
        at = last + delimiter.len();
    }
}

/// Where `wanted` begins, at or after `from`.
fn find(body: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = from;
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == first)?;
        if body[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

/// The parameters of the part's `Content-Disposition`.
fn disposition(headers: &str) -> Option<&str> {
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    let (_, parameters) = disposition.split_once(';')?;
    Some(parameters)
}

/// An empty one is that of a field in which no file was chosen.
fn file_name(disposition: &str) -> Option<String> {
    let extended = parameter(disposition, "filename*").and_then(|value| decoded(&value));
    let name = extended.or_else(|| parameter(disposition, "filename"))?;
    (!name.is_empty()).then_some(name)
}

/// `UTF-8''per%20cent` (RFC 5987).
fn decoded(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let text = percent_encoding::percent_decode_str(encoded).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// A parameter `name=value` or `name="value"` of a header; within quotes a backslash keeps the next character.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_matches([' ', '\t', ';']);
        let (value, next) = value(after.trim_start());
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next;
    }
}

/// The value, and what comes after it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, kept)| kept)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Bytes {
        Bytes::from(text.to_owned())
    }

    #[test]
    fn parts_come_with_their_names_and_every_byte() {
        let form = body(
            "preamble\r\n--xx\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--xx \r\n\
             content-disposition: form-data; name=\"yourFileData\"; filename=\"a \\\"b\\\".pdf\"\r\nContent-Type: text/html\r\n\r\n\
             %PDF\r\n-xx\r\n--xx\r\nContent-Disposition: form-data; filename=c.pdf\r\n\r\n\r\n--xx--\r\n",
        );
        let parts = parts("xx", &form).unwrap();
        let shown: Vec<_> = parts
            .iter()
            .map(|part| (part.name.as_deref(), part.file_name.as_deref(), &part.content[..]))
            .collect();
        assert_eq!(
            shown,
            [
                (Some("note"), None, b"hello".as_slice()),
                (Some("yourFileData"), Some("a \"b\".pdf"), b"%PDF\r\n-xx"),
                (None, Some("c.pdf"), b""),
            ]
        );
    }

    #[test]
    fn file_names_come_in_three_forms() {
        for (parameters, expected) in [
            ("name=\"file\"; filename=plain.png", Some("plain.png")),
            ("filename=\"semi;colon.png\"; name=x", Some("semi;colon.png")),
            (
                "name=file; filename=\"x.png\"; filename*=UTF-8''r%C3%A9ceipt.png",
                Some("réceipt.png"),
            ),
            ("name=file; filename=\"\"", None),
        ] {
            let form = body(&format!(
                "--b\r\nContent-Disposition: form-data; {parameters}\r\n\r\n1\r\n--b--"
            ));
            let part = parts("b", &form).unwrap().remove(0);
            assert_eq!(
                (part.file_name.as_deref(), &part.content[..]),
                (expected, &b"1"[..])
            );
        }
    }

    #[test]
    fn what_is_broken_is_no_form() {
        for text in [
            "",
            "--b",
            "--b\r\n",
            "--b\r\nContent-Disposition: form-data; filename=a\r\n\r\nnever ends",
            "--b\r\nContent-Disposition: form-data; filename=a\r\n\r\n1\r\n--b",
            "--c\r\n\r\n--c--",
        ] {
            assert_eq!(parts("b", &body(text)), Err(Malformed::Broken), "{text:?}");
        }
        for text in ["--b--", "--b\r\n\r\n\r\n--b--"] {
            let found = parts("b", &body(text)).unwrap();
            assert!(found.iter().all(|part| part.file_name.is_none()), "{text:?}");
        }
        for header in [
            "application/json",
            "multipart/form-data",
            "multipart/mixed; boundary=b",
        ] {
            assert_eq!(boundary(header), Err(Malformed::NotMultipart), "{header}");
        }
        assert_eq!(
            boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"").as_deref(),
            Ok("a b")
        );
    }
}
