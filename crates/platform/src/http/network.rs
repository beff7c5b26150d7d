use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, header};

use super::body::{Body, Unfit};
use super::{Failure, MAX_BODY, MaxBody, Transport};
use crate::Sent;

/// Requests over the network.
pub struct Network {
    client: reqwest::Client,
    silence: Duration,
}

/// How long a platform may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    /// To the first byte.
    pub first_byte: Duration,
    /// Between two pieces of the answer.
    pub silence: Duration,
    /// From the request to the last byte, however steadily they drip.
    pub in_all: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(60),
            silence: Duration::from_secs(30),
            in_all: Duration::from_secs(300),
        }
    }
}

impl Network {
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::with(Patience::default())
    }

    /// No redirects, so that no token follows one; no proxy out of the environment.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn with(patience: Patience) -> Result<Self, reqwest::Error> {
        // Fails where somebody installed one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .use_rustls_tls()
            .connect_timeout(patience.connect)
            .read_timeout(patience.first_byte.max(patience.silence))
            .timeout(patience.in_all)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Unpacked here, where it is seen how far it grows.
            .no_gzip()
            .user_agent(concat!("ledgerline/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            silence: patience.silence,
        })
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let longest = request
            .extensions()
            .get::<MaxBody>()
            .map_or(MAX_BODY, |longest| longest.0);
        let mut request = reqwest::Request::try_from(request).map_err(|error| failure(&error))?;
        let accepted = HeaderValue::from_static("gzip");
        request.headers_mut().insert(header::ACCEPT_ENCODING, accepted);
        let answer = self
            .client
            .execute(request)
            .await
            .map_err(|error| failure(&error))?;
        let status = answer.status();
        let announced = answer.content_length().unwrap_or_default();
        let mut headers = answer.headers().clone();
        let is_gzip = is_gzip(&headers)?;
        if is_gzip {
            // Of what is handed on they would not be true.
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
        }
        let announced = usize::try_from(announced).unwrap_or(longest);
        let mut body = Body::new(is_gzip, announced, longest);
        let mut stream = answer.bytes_stream();
        while let Some(chunk) = tokio::time::timeout(self.silence, stream.next())
            .await
            .map_err(|_| maybe("the answer stopped in its middle".into()))?
        {
            let chunk = chunk.map_err(|error| failure(&error))?;
            body.push(&chunk).map_err(|unfit| refused(unfit, longest))?;
        }
        let body = body.end().map_err(|unfit| refused(unfit, longest))?;
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// Whether the answer is packed; in another way than was asked for it cannot be read.
fn is_gzip(headers: &HeaderMap) -> Result<bool, Failure> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(false);
    };
    match encoding.as_bytes().to_ascii_lowercase().as_slice() {
        b"gzip" | b"x-gzip" => Ok(true),
        b"identity" | b"" => Ok(false),
        _ => Err(maybe("the answer is packed as nobody asked for".into())),
    }
}

fn refused(unfit: Unfit, longest: usize) -> Failure {
    maybe(match unfit {
        Unfit::TooLarge => format!("the answer is larger than {longest} bytes"),
        Unfit::Bomb => "the answer unpacks to far more than came".into(),
        Unfit::Broken => "the answer is not packed as it says, or stopped in its middle".into(),
    })
}

const fn maybe(reason: String) -> Failure {
    Failure {
        sent: Sent::Maybe,
        reason,
    }
}

/// Only a connection that was never made is certain not to have carried the request.
fn failure(error: &reqwest::Error) -> Failure {
    let (sent, reason) = if error.is_connect() {
        (Sent::Never, "the connection could not be made")
    } else if error.is_timeout() {
        (Sent::Maybe, "no answer came in time")
    } else if error.is_builder() {
        (Sent::Never, "the request is not valid")
    } else {
        (Sent::Maybe, "the connection broke")
    };
    Failure {
        sent,
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const PATIENCE: Patience = Patience {
        connect: Duration::from_millis(500),
        first_byte: Duration::from_millis(500),
        silence: Duration::from_millis(500),
        in_all: Duration::from_millis(1500),
    };

    /// What comes of a platform that sends these pieces, each after so many milliseconds, and then nothing more;
    /// the connection stays open.
    async fn ask(pieces: Vec<(u64, Vec<u8>)>) -> Result<http::Response<Bytes>, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let platform = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            let mut ticks = tokio::time::interval(Duration::from_millis(1));
            for (wait, piece) in pieces {
                for _ in 0..wait {
                    ticks.tick().await;
                }
                if stream.write_all(&piece).await.is_err() {
                    return;
                }
            }
            std::future::pending::<()>().await;
        });
        let network = Network::with(PATIENCE).unwrap();
        let request = http::Request::get(format!("http://{address}/"))
            .body(Bytes::new())
            .unwrap();
        let answer = network.send(request).await;
        platform.abort();
        answer
    }

    fn head(more: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{more}\r\n").into_bytes()
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end() {
        let answer = ask(vec![(0, head("content-length: 2\r\n")), (50, b"{}".to_vec())]).await;
        assert_eq!(answer.unwrap().body().as_ref(), b"{}");
    }

    #[tokio::test]
    async fn a_platform_that_says_nothing_is_given_up() {
        let failure = ask(Vec::new()).await.unwrap_err();
        assert_eq!(failure.sent, Sent::Maybe);
        assert!(failure.reason.contains("in time"), "{failure}");
    }

    #[tokio::test]
    async fn an_answer_that_stops_in_its_middle_is_given_up() {
        let failure = ask(vec![(0, head("content-length: 9\r\n")), (0, b"{".to_vec())])
            .await
            .unwrap_err();
        assert_eq!(failure.sent, Sent::Maybe);
    }

    #[tokio::test]
    async fn an_answer_that_drips_without_end_is_given_up() {
        let mut pieces = vec![(0, head("content-length: 999\r\n"))];
        pieces.extend(std::iter::repeat_n((100, b"x".to_vec()), 100));
        let failure = ask(pieces).await.unwrap_err();
        assert_eq!(failure.sent, Sent::Maybe);
    }

    /// 100 MB of zeros in 100 KB.
    #[tokio::test]
    async fn a_bomb_is_not_unpacked() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..100 {
            packed.write_all(&[b' '; 1024 * 1024]).unwrap();
        }
        let packed = packed.finish().unwrap();
        assert!(packed.len() < 200_000);
        let head = head(&format!(
            "content-encoding: gzip\r\ncontent-length: {}\r\n",
            packed.len()
        ));
        let failure = ask(vec![(0, head), (0, packed)]).await.unwrap_err();
        assert!(failure.reason.contains("far more"), "{failure}");
    }
}
