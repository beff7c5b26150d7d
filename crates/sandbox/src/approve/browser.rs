//! A customer's browser without JavaScript: it keeps cookies and follows redirects.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use super::{Error, Form};

/// Who carries a request. Redirects are not followed.
pub trait Fetch: Sync {
    fn fetch(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = anyhow::Result<http::Response<Bytes>>> + Send;
}

impl Fetch for reqwest::Client {
    async fn fetch(&self, request: http::Request<Bytes>) -> anyhow::Result<http::Response<Bytes>> {
        let answer = self.execute(request.try_into()?).await?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        Ok(response.body(answer.bytes().await?)?)
    }
}

/// A page, and where it was found.
#[derive(Debug)]
pub(super) struct Page {
    pub status: StatusCode,
    pub url: Url,
    pub body: String,
    /// The platform's answer that led here, if one did.
    pub callback: Option<Url>,
    /// The app's own address that it led to, which is not opened.
    pub left_for: Option<Url>,
}

pub(super) struct Browser<'a, F> {
    fetch: &'a F,
    /// By host and name: cookies know no ports.
    cookies: BTreeMap<(String, String), String>,
    callback: Option<Url>,
}

const MOST_REDIRECTS: usize = 15;

impl<'a, F: Fetch> Browser<'a, F> {
    pub(super) fn new(fetch: &'a F) -> Self {
        Self {
            fetch,
            cookies: BTreeMap::new(),
            callback: None,
        }
    }

    pub(super) async fn open(&mut self, url: Url) -> Result<Page, Error> {
        self.follow(Method::GET, url, String::new()).await
    }

    /// Submit a form of a page with the given fields.
    pub(super) async fn submit(
        &mut self,
        page: &Page,
        form: &Form,
        fields: &[(String, String)],
    ) -> Result<Page, Error> {
        let mut url = page
            .url
            .join(&form.action)
            .map_err(|_| Error::BadAddress(form.action.clone()))?;
        if form.is_post {
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            return self.follow(Method::POST, url, body).await;
        }
        url.query_pairs_mut().clear().extend_pairs(fields);
        self.open(url).await
    }

    pub(super) async fn post_json(&mut self, url: Url, body: &serde_json::Value) -> Result<Bytes, Error> {
        let request = http::Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .map_err(|_| Error::BadAddress(url.to_string()))?;
        let answer = self
            .fetch
            .fetch(request)
            .await
            .map_err(|source| Error::Unreachable {
                url: url.clone(),
                source,
            })?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let text = String::from_utf8_lossy(answer.body()).chars().take(300).collect();
        Err(Error::Refused {
            url,
            status: answer.status(),
            text,
        })
    }

    async fn follow(&mut self, mut method: Method, mut url: Url, mut body: String) -> Result<Page, Error> {
        for _ in 0..MOST_REDIRECTS {
            if url.path().starts_with("/oauth/callback/") {
                self.callback = Some(url.clone());
            }
            let answer = self.request(&method, &url, &body).await?;
            let status = answer.status();
            let location = answer
                .headers()
                .get(header::LOCATION)
                .and_then(|location| location.to_str().ok());
            let next = location
                .filter(|_| status.is_redirection())
                .map(|location| url.join(location));
            let Some(next) = next else {
                let body = String::from_utf8_lossy(answer.body()).into_owned();
                return Ok(Page {
                    status,
                    url,
                    body,
                    callback: self.callback.clone(),
                    left_for: None,
                });
            };
            let next = next.map_err(|_| Error::BadAddress(location.unwrap_or_default().to_owned()))?;
            let came_back = self
                .callback
                .as_ref()
                .is_some_and(|callback| callback.origin() != next.origin());
            if came_back {
                let (callback, left_for) = (self.callback.clone(), Some(next));
                return Ok(Page {
                    status,
                    url,
                    body: String::new(),
                    callback,
                    left_for,
                });
            }
            // 307 and 308 ask for the same again; all others are read.
            if status != StatusCode::TEMPORARY_REDIRECT && status != StatusCode::PERMANENT_REDIRECT {
                (method, body) = (Method::GET, String::new());
            }
            url = next;
        }
        Err(Error::TooManyRedirects(url))
    }

    async fn request(
        &mut self,
        method: &Method,
        url: &Url,
        body: &str,
    ) -> Result<http::Response<Bytes>, Error> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let of_host = self.cookies.iter().filter(|((of, _), _)| *of == host);
        let cookies: Vec<String> = of_host
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::ACCEPT, "text/html,application/xhtml+xml");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if method == Method::POST {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, url.origin().ascii_serialization())
                .header("sec-fetch-site", "same-origin");
        }
        let request = request
            .body(Bytes::from(body.to_owned()))
            .map_err(|_| Error::BadAddress(url.to_string()))?;
        let answer = self
            .fetch
            .fetch(request)
            .await
            .map_err(|source| Error::Unreachable {
                url: url.clone(),
                source,
            })?;
        self.keep_cookies(&host, answer.headers());
        Ok(answer)
    }

    fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        for cookie in headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            let mut parts = cookie.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let key = (host.to_owned(), name.trim().to_owned());
            let ends = parts.any(|part| part.trim().eq_ignore_ascii_case("max-age=0"));
            if ends {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.trim().to_owned());
            }
        }
    }
}
