use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ledgerline_model::app::Environment;
use url::{Host, Url};

/// How far webhooks may reach; checked on the written address and again on the resolved one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// HTTPS to public addresses: live endpoints.
    Public,
    /// Also loopback and plain HTTP: endpoints of the test world.
    Loopback,
    /// Anything: the operator said so.
    Private,
}

/// Why an address cannot be an endpoint.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("`url` is not an absolute URL")]
    Malformed,
    #[error("`url` has to start with `https://`")]
    NeedsHttps,
    #[error("`url` has to start with `https://` or `http://`")]
    NeedsHttp,
    #[error("`url` may not hold a user name or password")]
    Credentials,
    #[error("`url` names port {0}, which does not serve webhooks")]
    Port(u16),
    #[error("`url` leads to an address that is not public")]
    NotPublic,
    #[error("`url` is longer than 2048 characters")]
    TooLong,
}

/// Ports of mail, databases and the like, at which a POST could be taken for a command.
const FOREIGN_PORTS: [u16; 24] = [
    1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 5984, 6000, 6379, 6443, 6667, 7001,
    9042, 9092, 9200, 9300, 10250, 11211, 27017,
];

impl Reach {
    pub const fn of(environment: Environment, allow_private: bool) -> Self {
        match (environment, allow_private) {
            (_, true) => Self::Private,
            (Environment::Test, false) => Self::Loopback,
            (Environment::Live, false) => Self::Public,
        }
    }

    /// Whether a webhook may be sent to this resolved address.
    pub fn admits(self, address: IpAddr) -> bool {
        match self {
            Self::Private => true,
            Self::Loopback => is_public(address) || is_loopback(address),
            Self::Public => is_public(address),
        }
    }

    /// What can be said of an address before it is resolved.
    pub fn check(self, text: &str) -> Result<Url, Refusal> {
        if text.len() > 2048 {
            return Err(Refusal::TooLong);
        }
        let url = Url::parse(text).map_err(|_| Refusal::Malformed)?;
        match (url.scheme(), self) {
            ("https", _) | ("http", Self::Loopback | Self::Private) => {}
            (_, Self::Public) => return Err(Refusal::NeedsHttps),
            (_, Self::Loopback | Self::Private) => return Err(Refusal::NeedsHttp),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if let Some(port) = url.port()
            && self != Self::Private
            && ((port < 1024 && port != 80 && port != 443) || FOREIGN_PORTS.contains(&port))
        {
            return Err(Refusal::Port(port));
        }
        let admitted = match url.host() {
            None => return Err(Refusal::Malformed),
            Some(Host::Ipv4(address)) => self.admits(address.into()),
            Some(Host::Ipv6(address)) => self.admits(address.into()),
            Some(Host::Domain(name)) => self == Self::Private || self.admits_name(name),
        };
        if admitted {
            Ok(url)
        } else {
            Err(Refusal::NotPublic)
        }
    }

    fn admits_name(self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let local = name == "localhost" || name.ends_with(".localhost");
        let inner = [".local", ".internal", ".home.arpa", ".lan"];
        let private = inner.iter().any(|end| name.ends_with(end)) || (!name.contains('.') && !local);
        !private && (!local || self == Self::Loopback)
    }
}

fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|inner| inner.is_loopback())
        }
    }
}

/// Whether an address is reachable from everywhere, by the special-purpose registries of IANA.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0                                    // this network
        || a == 10
        || (a == 100 && (64..128).contains(&b))             // carrier-grade NAT
        || a == 127
        || (a == 169 && b == 254)                           // link-local, and the clouds' metadata
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)                 // 6to4 relays
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19))               // benchmarks
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224; // multicast, reserved, broadcast
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    // NAT64 (RFC 6052) carries an IPv4 address that decides.
    if (a, b, c, d, e, f) == (0x64, 0xff9b, 0, 0, 0, 0) {
        return embedded(g, h);
    }
    // 6to4 (RFC 3056) too; Teredo, documentation, benchmarks and ORCHID lie in 2001::/23 and are no one's servers.
    if a == 0x2002 {
        return embedded(b, c);
    }
    let global_unicast = (0x2000..0x4000).contains(&a);
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || (a == 0x3fff && b < 0x1000);
    global_unicast && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_endpoints_are_public_https() {
        for good in [
            "https://hooks.example.com/in",
            "https://93.184.216.34:8443/x",
            "https://[2606:4700::1]/",
        ] {
            assert!(Reach::Public.check(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("nonsense", Refusal::Malformed),
            ("file:///etc/passwd", Refusal::NeedsHttps),
            ("gopher://x.example.com", Refusal::NeedsHttps),
            ("http://hooks.example.com", Refusal::NeedsHttps),
            ("https://u:p@hooks.example.com", Refusal::Credentials),
            ("https://hooks.example.com:25/", Refusal::Port(25)),
            ("https://hooks.example.com:6379/", Refusal::Port(6379)),
            ("https://127.0.0.1/", Refusal::NotPublic),
            ("https://2130706433/", Refusal::NotPublic),
            ("https://0177.0.0.1/", Refusal::NotPublic),
            ("https://0x7f.1/", Refusal::NotPublic),
            ("https://localhost./", Refusal::NotPublic),
            ("https://a.localhost/", Refusal::NotPublic),
            ("https://intranet/", Refusal::NotPublic),
            ("https://10.1.2.3/", Refusal::NotPublic),
            ("https://169.254.169.254/", Refusal::NotPublic),
            ("https://metadata.google.internal/", Refusal::NotPublic),
            ("https://[::1]/", Refusal::NotPublic),
            ("https://[::]/", Refusal::NotPublic),
            ("https://[::ffff:127.0.0.1]/", Refusal::NotPublic),
            ("https://[::ffff:93.184.216.34]/", Refusal::NotPublic),
            ("https://[64:ff9b::7f00:1]/", Refusal::NotPublic),
            ("https://[2002:7f00:1::]/", Refusal::NotPublic),
            ("https://[2001:0:1::1]/", Refusal::NotPublic),
            ("https://[fe80::1]/", Refusal::NotPublic),
            ("https://[fd00::1]/", Refusal::NotPublic),
        ] {
            assert_eq!(Reach::Public.check(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn the_test_world_may_use_loopback_and_plain_http() {
        assert!(Reach::Loopback.check("http://127.0.0.1:9999/in").is_ok());
        assert!(Reach::Loopback.check("http://localhost:9999/in").is_ok());
        assert!(Reach::Loopback.check("http://[::1]:9999/in").is_ok());
        assert_eq!(Reach::Loopback.check("http://10.0.0.1/"), Err(Refusal::NotPublic));
        assert!(Reach::Private.check("http://10.0.0.1/").is_ok());
    }
}
