use crate::cli::{Limits, Platform};

use super::case::Setting;

/// What a platform's own limits are: requests in seconds, and requests at once.
struct Allowed {
    windows: &'static [(u64, u64)],
    at_once: u64,
}

/// <https://developer.xero.com/documentation/guides/oauth2/limits/>
const XERO: Allowed = Allowed {
    windows: &[(60, 60)],
    at_once: 5,
};

/// <https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features>
const QUICKBOOKS_ONLINE: Allowed = Allowed {
    windows: &[(500, 60), (10, 1)],
    at_once: 10,
};

/// The least seconds in which so many requests can be asked, one for each expense and none for anything else; `None`:
/// nothing but the server itself sets a limit.
pub fn least_seconds(setting: &Setting, requests: u64) -> Option<f64> {
    let allowed = match setting.platform {
        Platform::Xero => &XERO,
        Platform::QuickbooksOnline => &QUICKBOOKS_ONLINE,
    };
    let windows = allowed.windows.iter().filter(|_| setting.limits == Limits::Real);
    let full = windows.map(|(calls, seconds)| (requests.saturating_sub(1) / calls * seconds) as f64);
    let under_way = requests as f64 * setting.latency_ms as f64 / 1000.0 / allowed.at_once as f64;
    let least = full.fold(under_way, f64::max);
    (least > 0.0).then_some(least)
}
