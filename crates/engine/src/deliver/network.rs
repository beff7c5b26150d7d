use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Reach, Received, Transport};

/// A receiver has to answer within this time, its answer's end included.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Answers are read no further than this many bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Deliveries over the network: one client per reach, since connections that one reach may use must not
/// be reused under another.
pub struct Network {
    public: reqwest::Client,
    loopback: reqwest::Client,
    private: reqwest::Client,
}

impl Network {
    pub fn new() -> Result<Self, reqwest::Error> {
        // Fails where somebody installed one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            public: client(Reach::Public)?,
            loopback: client(Reach::Loopback)?,
            private: client(Reach::Private)?,
        })
    }
}

/// No redirects (a 3xx is a failure), no proxy out of the environment, no addresses out of reach.
#[expect(clippy::disallowed_methods, reason = "this is the deliverer")]
fn client(reach: Reach) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .use_rustls_tls()
        .connect_timeout(Duration::from_secs(10))
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(2)
        .user_agent(concat!("ledgerline-webhooks/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Filtered(reach)))
        .build()
}

#[async_trait]
impl Transport for Network {
    async fn post(&self, reach: Reach, request: http::Request<Bytes>) -> Result<Received, String> {
        // An address written as a number never meets the resolver, so it is looked at here.
        reach
            .check(&request.uri().to_string())
            .map_err(|refusal| refusal.to_string())?;
        let client = match reach {
            Reach::Public => &self.public,
            Reach::Loopback => &self.loopback,
            Reach::Private => &self.private,
        };
        let request = reqwest::Request::try_from(request).map_err(|error| reason(&error))?;
        let answer = client.execute(request).await.map_err(|error| reason(&error))?;
        let status = answer.status();
        let retry_after = answer
            .headers()
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut left = MAX_ANSWER;
        let mut body = answer.bytes_stream();
        while let Some(chunk) = body.next().await {
            let length = chunk.map_err(|error| reason(&error))?.len();
            if length > left {
                break;
            }
            left -= length;
        }
        Ok(Received { status, retry_after })
    }
}

/// Names resolve to addresses within reach only; what was checked is what is connected to, so that a
/// name cannot point elsewhere a moment later.
struct Filtered(Reach);

impl Resolve for Filtered {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> = found.filter(|address| reach.admits(address.ip())).collect();
            if admitted.is_empty() {
                return Err("the name leads to no address that may be used".into());
            }
            let addresses: Addrs = Box::new(admitted.into_iter());
            Ok(addresses)
        })
    }
}

/// For the delivery's row: says what broke, names no address.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer came within 15 seconds"
    } else if error.is_connect() {
        "the connection could not be made"
    } else if error.is_builder() {
        "the address is not valid"
    } else {
        "the connection broke"
    }
    .into()
}
