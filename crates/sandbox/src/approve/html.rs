//! As much of HTML as it takes to fill in a form.

/// A form as a page has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// As written; empty if it is the page itself.
    pub action: String,
    pub is_post: bool,
    /// Hidden and text fields, with the values that they have.
    pub fields: Vec<(String, String)>,
    /// Radio buttons, checkboxes and options.
    pub choices: Vec<(String, String)>,
    /// Submit buttons, with a name or without.
    pub buttons: Vec<(String, String)>,
}

/// Every form of a page, in its order.
pub(super) fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut select = String::new();
    for tag in tags(page) {
        if tag.name == "form" {
            let is_post = tag
                .get("method")
                .is_some_and(|method| method.eq_ignore_ascii_case("post"));
            forms.push(Form {
                action: tag.get("action").unwrap_or_default(),
                is_post,
                ..Form::default()
            });
        }
        open = (open || tag.name == "form") && tag.name != "/form";
        let Some(form) = forms.last_mut().filter(|_| open) else {
            continue;
        };
        if tag.has("disabled") {
            continue;
        }
        let pair = || {
            (
                tag.get("name").unwrap_or_default(),
                tag.get("value").unwrap_or_default(),
            )
        };
        match (
            tag.name.as_str(),
            tag.get("type").unwrap_or_default().to_ascii_lowercase().as_str(),
        ) {
            ("input", "radio" | "checkbox") => form.choices.push(pair()),
            ("input", "submit") | ("button", "" | "submit") => form.buttons.push(pair()),
            ("input", "button" | "reset" | "image" | "file") => {}
            ("input", _) if tag.has("name") => form.fields.push(pair()),
            ("select", _) => select = tag.get("name").unwrap_or_default(),
            ("option", _) => form
                .choices
                .push((select.clone(), tag.get("value").unwrap_or_default())),
            _ => {}
        }
    }
    forms
}

/// What `<meta name="…" content="…">` says.
pub(super) fn meta(page: &str, name: &str) -> Option<String> {
    tags(page)
        .find(|tag| tag.name == "meta" && tag.get("name").as_deref() == Some(name))?
        .get("content")
}

/// Where the links of a page lead.
pub(super) fn links(page: &str) -> Vec<String> {
    tags(page)
        .filter(|tag| tag.name == "a")
        .filter_map(|tag| tag.get("href"))
        .collect()
}

/// What people read on a page, at most `length` characters, for messages.
pub(super) fn text(page: &str, length: usize) -> String {
    let body = page.find("<body").map_or(page, |start| &page[start..]);
    let mut words = String::new();
    let mut rest = body;
    while let Some(open) = rest.find('<') {
        words.push_str(&rest[..open]);
        words.push(' ');
        rest = rest[open..]
            .find('>')
            .map_or("", |close| &rest[open + close + 1..]);
    }
    words.push_str(rest);
    let words = decoded(&words).split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(length).collect()
}

struct Tag {
    /// In lower case; a closing tag's begins with `/`.
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<String> {
        self.attributes
            .iter()
            .find(|(attribute, _)| attribute == name)
            .map(|(_, value)| value.clone())
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(attribute, _)| attribute == name)
    }
}

/// The tags of a page; comments are none.
fn tags(page: &str) -> impl Iterator<Item = Tag> {
    let mut rest = page;
    std::iter::from_fn(move || {
        loop {
            let open = rest.find('<')?;
            rest = &rest[open + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
                continue;
            }
            let (tag, after) = tag(rest);
            rest = after;
            return Some(tag);
        }
    })
}

/// The tag that `text` begins with, without its `<`, and what follows it.
fn tag(text: &str) -> (Tag, &str) {
    let end = text
        .find(|character: char| character.is_whitespace() || character == '>')
        .unwrap_or(text.len());
    let mut tag = Tag {
        name: text[..end].trim_end_matches('/').to_ascii_lowercase(),
        attributes: Vec::new(),
    };
    if text[..end].starts_with('/') {
        tag.name = text[..end].to_ascii_lowercase();
    }
    let mut rest = text[end..].trim_start();
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '/');
        if rest.is_empty() {
            return (tag, "");
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        let end = rest
            .find(|character: char| character.is_whitespace() || character == '=' || character == '>')
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(given) = rest.strip_prefix('=') {
            (value, rest) = attribute_value(given.trim_start());
        } else if end == 0 {
            // A stray character: step over it, so that every page comes to an end.
            rest = rest.get(1..).unwrap_or("");
        }
        tag.attributes.push((name, decoded(value)));
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return match quoted.find(quote) {
                Some(end) => (&quoted[..end], &quoted[end + 1..]),
                None => (quoted, ""),
            };
        }
    }
    let end = text
        .find(|character: char| character.is_whitespace() || character == '>')
        .unwrap_or(text.len());
    text.split_at(end)
}

fn decoded(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#x2F;", "/")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}
