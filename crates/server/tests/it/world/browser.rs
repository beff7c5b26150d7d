use std::collections::BTreeMap;

use bytes::Bytes;
use url::Url;

use super::in_process::call;
use super::{Answer, World};

/// A customer's browser without JavaScript: it keeps cookies, follows redirects, and submits forms.
pub struct Browser<'a> {
    world: &'a World,
    /// By host and name.
    cookies: BTreeMap<(String, String), String>,
    /// The callback that the platform led to last.
    callback: String,
    /// Whether to stop before the callback.
    stop_at_callback: bool,
}

/// A page, and where it was found.
pub struct Page {
    pub status: u16,
    pub url: Url,
    pub body: String,
    pub headers: http::HeaderMap,
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
            callback: String::new(),
            stop_at_callback: false,
        }
    }

    /// Open a page and follow where it leads.
    pub async fn open(&mut self, url: &str) -> Page {
        self.follow("GET", url.parse().unwrap(), String::new()).await
    }

    /// Submit a form of a page.
    pub async fn submit(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.follow("POST", page.url.join(action).unwrap(), body).await
    }

    /// From the link to the end, consenting to one organisation.
    pub async fn approve(&mut self, link: &str, organisation: &str) -> Page {
        let page = self.consent_page(link).await;
        let form = page
            .form()
            .unwrap_or_else(|| panic!("no form on {}: {}", page.url, page.body));
        let page = self.submit_form(&page, &form, Some(organisation)).await;
        if page.outcome() == "choose" {
            let form = page.form().unwrap();
            return self.submit_form(&page, &form, Some(organisation)).await;
        }
        page
    }

    /// From the link to the end, refusing.
    pub async fn refuse(&mut self, link: &str) -> Page {
        let page = self.consent_page(link).await;
        let mut form = page.form().unwrap();
        form.buttons.rotate_left(1);
        self.submit_form(&page, &form, None).await
    }

    /// As `approve`, but the browser dies on the way back: the callback that it did not open.
    pub async fn approve_without_callback(&mut self, link: &str, organisation: &str) -> String {
        self.stop_at_callback = true;
        self.approve(link, organisation).await;
        self.stop_at_callback = false;
        self.last_callback()
    }

    pub fn last_callback(&self) -> String {
        self.callback.clone()
    }

    /// The platform's consent page behind a link.
    async fn consent_page(&mut self, link: &str) -> Page {
        let page = self.open(link).await;
        match page.form() {
            Some(form) if page.url.host_str() == Some("ledgerline.test") => {
                self.submit_form(&page, &form, None).await
            }
            _ => page,
        }
    }

    /// Submit a form as it stands: hidden fields, the wanted choice, and its first button.
    pub async fn submit_form(&mut self, page: &Page, form: &Form, choice: Option<&str>) -> Page {
        let mut fields: Vec<(String, String)> = form.hidden.clone();
        for (name, value) in &form.choices {
            if choice.is_none_or(|choice| choice == value) {
                fields.push((name.clone(), value.clone()));
                if choice.is_none() {
                    break;
                }
            }
        }
        fields.extend(form.buttons.first().cloned());
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        if form.method == "get" {
            let mut url = page.url.join(&form.action).unwrap();
            url.query_pairs_mut().extend_pairs(&fields);
            return self.follow("GET", url, String::new()).await;
        }
        self.submit(page, &form.action, &fields).await
    }

    async fn follow(&mut self, method: &str, url: Url, body: String) -> Page {
        let (mut method, mut url, mut body) = (method.to_owned(), url, body);
        for _ in 0..12 {
            let answer = self.request(&method, &url, body.clone()).await;
            let location = answer.header("location").to_owned();
            if !answer.status.is_redirection() || !self.is_ours(&url, &location) {
                return Page {
                    status: answer.status.as_u16(),
                    url,
                    body: answer.body,
                    headers: answer.headers,
                };
            }
            url = url.join(&location).unwrap();
            if url.path().starts_with("/oauth/callback/") {
                self.callback = url.to_string();
                if self.stop_at_callback {
                    return Page {
                        status: 303,
                        url,
                        body: String::new(),
                        headers: answer.headers,
                    };
                }
            }
            (method, body) = ("GET".into(), String::new());
        }
        panic!("too many redirects, the last to {url}");
    }

    /// Redirects that leave the test world end the journey.
    fn is_ours(&self, from: &Url, location: &str) -> bool {
        let host = from
            .join(location)
            .unwrap()
            .host_str()
            .unwrap_or_default()
            .to_owned();
        host == "ledgerline.test" || host == "sandbox.test"
    }

    async fn request(&mut self, method: &str, url: &Url, body: String) -> Answer {
        let host = url.host_str().unwrap().to_owned();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| *of == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("host", &host)
            .header("sec-fetch-site", "same-origin")
            .header("origin", url.origin().ascii_serialization())
            .header("accept", "text/html");
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let router = if host == "sandbox.test" {
            &self.world.simulators
        } else {
            &self.world.server
        };
        let answer = Answer::of(call(router, request.body(Bytes::from(body)).unwrap()).await);
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies
                .insert((host.clone(), name.trim().to_owned()), value.trim().to_owned());
        }
        answer
    }
}

/// A form of a page.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub action: String,
    pub method: String,
    pub hidden: Vec<(String, String)>,
    /// Radio buttons and checkboxes.
    pub choices: Vec<(String, String)>,
    pub buttons: Vec<(String, String)>,
}

impl Page {
    /// What `<meta name="ledgerline:outcome">` says.
    pub fn outcome(&self) -> &str {
        let marker = "name=\"ledgerline:outcome\" content=\"";
        let Some(start) = self.body.find(marker) else {
            return "";
        };
        self.body[start + marker.len()..].split('"').next().unwrap_or("")
    }

    /// The first form.
    pub fn form(&self) -> Option<Form> {
        let start = self.body.find("<form")?;
        let text = &self.body[start..];
        let text = &text[..text.find("</form>").unwrap_or(text.len())];
        let tags: Vec<&str> = text
            .split('<')
            .skip(1)
            .map(|tag| tag.split('>').next().unwrap_or(""))
            .collect();
        let mut form = Form {
            method: "get".into(),
            ..Form::default()
        };
        for tag in tags {
            let pair = || {
                (
                    attribute(tag, "name").unwrap_or_default(),
                    attribute(tag, "value").unwrap_or_default(),
                )
            };
            if tag.starts_with("form") {
                form.action = attribute(tag, "action").unwrap_or_default();
                form.method = attribute(tag, "method").unwrap_or_default().to_lowercase();
            } else if tag.starts_with("input") {
                match attribute(tag, "type").as_deref() {
                    Some("hidden") => form.hidden.push(pair()),
                    Some("radio" | "checkbox") => form.choices.push(pair()),
                    _ => {}
                }
            } else if tag.starts_with("button") && attribute(tag, "name").is_some() {
                form.buttons.push(pair());
            }
        }
        Some(form)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let marker = format!(" {name}=\"");
    let start = tag.find(&marker)? + marker.len();
    let value = tag[start..].split('"').next()?;
    Some(
        value
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&#39;", "'"),
    )
}
