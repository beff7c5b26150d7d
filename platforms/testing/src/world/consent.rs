use bytes::Bytes;
use ledgerline_model::Secret;
use ledgerline_platform::{Consent, ConsentAnswer, Cx, Platform, oauth};
use ledgerline_sandbox::Organisation;
use url::Url;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What the consent page sends back for the organisation.
pub(super) async fn allow(cx: &Cx, platform: &dyn Platform, organisation: &Organisation) -> ConsentAnswer {
    let callback = format!("http://app.test/oauth/callback/{}", platform.about().key);
    let consent = Consent {
        redirect_uri: callback.parse().unwrap(),
        state: "s".into(),
        code_challenge: oauth::code_challenge(VERIFIER),
    };
    let mut page = platform.consent_url(&cx.endpoints, &consent).unwrap();
    page.query_pairs_mut()
        .append_pair("organisation", &organisation.id.to_string())
        .append_pair("decision", "allow");
    let form = page.query().unwrap_or_default().to_owned();
    page.set_query(None);
    let request = http::Request::post(page.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    let answer = cx.http.send(request).await.unwrap();
    let location: Url = answer.header("location").expect("a redirect").parse().unwrap();
    let parameters: Vec<(String, String)> = location.query_pairs().into_owned().collect();
    let (_, code) = parameters.iter().find(|(name, _)| name == "code").unwrap();
    ConsentAnswer {
        redirect_uri: consent.redirect_uri,
        code: Secret::new(code.as_str()),
        code_verifier: Secret::new(VERIFIER),
        parameters,
    }
}
