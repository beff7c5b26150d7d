use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use http::Uri;
use tower::{Layer, Service};

/// The static segments of the routes, so that paths match whatever their case; ids and other values are
/// left as they came.
#[derive(Clone, Default, Debug)]
pub struct Paths {
    root: Arc<Node>,
}

/// One step into the known routes.
#[derive(Default, Debug)]
struct Node {
    /// By the lower-case spelling: the route's own spelling, and what may follow.
    fixed: HashMap<String, (String, Self)>,
    /// What may follow a value.
    value: Option<Box<Self>>,
    /// A route ends here.
    end: bool,
}

impl Paths {
    /// From route templates such as `/companies/{companyId}/dataStatus`.
    pub fn of<'a>(templates: impl IntoIterator<Item = &'a str>) -> Self {
        let mut root = Node::default();
        for template in templates {
            let mut node = &mut root;
            for segment in segments(template) {
                node = if segment.starts_with('{') {
                    node.value.get_or_insert_default()
                } else {
                    &mut node
                        .fixed
                        .entry(segment.to_ascii_lowercase())
                        .or_insert_with(|| (segment.to_owned(), Node::default()))
                        .1
                };
            }
            node.end = true;
        }
        Self { root: Arc::new(root) }
    }

    /// The path in the spelling of the route that it means; `None` where it is so already, or means none.
    fn spelled(&self, path: &str) -> Option<String> {
        let asked: Vec<&str> = segments(path).collect();
        let mut spelled = Vec::with_capacity(asked.len());
        if !self.root.find(&asked, &mut spelled) {
            return None;
        }
        let found = format!("/{}", spelled.join("/"));
        (found != path).then_some(found)
    }
}

impl Node {
    fn find<'a>(&'a self, asked: &[&'a str], spelled: &mut Vec<&'a str>) -> bool {
        let Some((segment, rest)) = asked.split_first() else {
            return self.end;
        };
        if let Some((name, next)) = self.fixed.get(&segment.to_ascii_lowercase()) {
            spelled.push(name);
            if next.find(rest, spelled) {
                return true;
            }
            spelled.pop();
        }
        if let Some(next) = &self.value
            && !segment.is_empty()
        {
            spelled.push(segment);
            if next.find(rest, spelled) {
                return true;
            }
            spelled.pop();
        }
        false
    }
}

/// A trailing slash means nothing.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').trim_end_matches('/').split('/')
}

impl<S> Layer<S> for Paths {
    type Service = IgnoreCase<S>;

    fn layer(&self, inner: S) -> IgnoreCase<S> {
        IgnoreCase {
            paths: self.clone(),
            inner,
        }
    }
}

/// Hands requests on with their paths spelled as the routes are.
#[derive(Clone)]
pub struct IgnoreCase<S> {
    paths: Paths,
    inner: S,
}

impl<S: Service<Request>> Service<Request> for IgnoreCase<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        if let Some(path) = self.paths.spelled(request.uri().path())
            && let Some(uri) = with_path(request.uri(), &path)
        {
            *request.uri_mut() = uri;
        }
        self.inner.call(request)
    }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_static_is_spelled_anew() {
        let paths = Paths::of([
            "/companies/{companyId}/dataStatus",
            "/companies/{companyId}/data/queue/{dataType}",
            "/companies/{companyId}/data/bankAccounts/{id}",
        ]);
        let spelled = |path| paths.spelled(path).unwrap_or_else(|| path.to_owned());
        assert_eq!(spelled("/COMPANIES/AbC/datastatus"), "/companies/AbC/dataStatus");
        assert_eq!(
            spelled("/companies/DATA/Data/Queue/BankAccounts/"),
            "/companies/DATA/data/queue/BankAccounts"
        );
        assert_eq!(spelled("/Unknown/Path"), "/Unknown/Path");
        assert_eq!(
            spelled("/companies/a/data/bankaccounts/"),
            "/companies/a/data/bankaccounts/"
        );
        assert_eq!(spelled("//"), "//");
    }
}
