use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use ledgerline_engine::Engine;
use ledgerline_model::DataType;
use ledgerline_model::app::Environment;
use ledgerline_model::query::{Found, Properties, Schema};
use ledgerline_platform::{About, Entry, Registry};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::errors::Error;
use super::paging::{List, ListParameters, Page};
use crate::auth::Caller;

/// A platform that companies can be connected to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Four letters, e.g. `gbol`.
    key: &'static str,
    logo_url: String,
    name: &'static str,
    /// Whether this server is configured for it, in the environment of the key that asks.
    enabled: bool,
    source_id: &'static str,
    /// `Accounting`.
    source_type: &'static str,
    integration_id: &'static str,
    is_offline_connector: bool,
    is_beta: bool,
    data_provided_by: &'static str,
    datatype_features: Vec<DataTypeFeature>,
}

/// What can be done with one data type.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataTypeFeature {
    /// The published schema requires `datatype` and defines `dataType`: both are there.
    #[schema(value_type = String)]
    datatype: DataType,
    #[schema(value_type = String)]
    data_type: DataType,
    supported_features: Vec<SupportedFeature>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupportedFeature {
    /// e.g. `Get`.
    feature_type: &'static str,
    /// `Release` or `NotSupported`.
    feature_state: &'static str,
}

/// Pictures of a platform, drawn by us.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Branding {
    logo: BrandingLogo,
    button: BrandingButton,
    source_id: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct BrandingLogo {
    full: BrandingImage,
    square: BrandingImage,
}

#[derive(Serialize, ToSchema)]
pub struct BrandingButton {
    default: BrandingImage,
    hover: BrandingImage,
}

#[derive(Serialize, ToSchema)]
pub struct BrandingImage {
    image: ImageReference,
}

#[derive(Serialize, ToSchema)]
pub struct ImageReference {
    src: String,
    alt: String,
}

const SCHEMA: Schema = Schema {
    noun: "Integration",
    text: "key name sourceId sourceType integrationId dataProvidedBy logoUrl",
    number: "",
    date: "",
    flag: "enabled isOfflineConnector isBeta",
};

/// List the platforms that this server knows.
#[utoipa::path(
    get, path = "/integrations", tag = "Integrations", params(ListParameters),
    responses((status = 200, body = Page<Integration>))
)]
pub async fn list_integrations(caller: Caller, list: List) -> Result<axum::Json<Page<Integration>>, Error> {
    let public = &caller.engine.config.public_url;
    let all = caller.engine.registry.all();
    let all = all.map(|entry| view(entry, caller.environment, public));
    let (page, total) = list.apply(&SCHEMA, all)?;
    Ok(axum::Json(list.page(page, total)))
}

/// Get one platform.
#[utoipa::path(
    get, path = "/integrations/{platformKey}", tag = "Integrations",
    responses((status = 200, body = Integration))
)]
pub async fn get_integration(
    caller: Caller,
    Path(asked): Path<String>,
) -> Result<axum::Json<Integration>, Error> {
    let entry = find(&caller, &asked)?;
    let public = &caller.engine.config.public_url;
    Ok(axum::Json(view(entry, caller.environment, public)))
}

/// Get pictures of a platform, for an own page to link from.
#[utoipa::path(
    get, path = "/integrations/{platformKey}/branding", tag = "Integrations",
    responses((status = 200, body = Branding))
)]
pub async fn get_branding(caller: Caller, Path(asked): Path<String>) -> Result<axum::Json<Branding>, Error> {
    let about = find(&caller, &asked)?.about();
    let public = &caller.engine.config.public_url;
    let image = |alt: String| BrandingImage {
        image: ImageReference {
            src: logo_url(about, public),
            alt,
        },
    };
    Ok(axum::Json(Branding {
        logo: BrandingLogo {
            full: image(format!("{} logo", about.name)),
            square: image(format!("{} logo", about.name)),
        },
        button: BrandingButton {
            default: image(format!("Connect {}", about.name)),
            hover: image(format!("Connect {}", about.name)),
        },
        source_id: about.codat.source_id,
    }))
}

/// The picture itself; pages show it, so it needs no key.
pub async fn logo(State(engine): State<Arc<Engine>>, Path(file): Path<String>) -> Result<Response, Error> {
    let key = file.strip_suffix(".svg").ok_or_else(Error::not_found)?;
    let entry = engine.registry.find(key).ok_or_else(Error::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ),
    ];
    Ok((headers, entry.about().logo_svg).into_response())
}

/// The platform that a key of this dialect means; the keys of simulated organisations only for test keys.
pub fn entry_of<'a>(registry: &'a Registry, environment: Environment, key: &str) -> Option<&'a Entry> {
    registry.all().find(|entry| {
        let codat = &entry.about().codat;
        codat.key.eq_ignore_ascii_case(key)
            || (environment == Environment::Test
                && codat.test_keys.iter().any(|test| test.eq_ignore_ascii_case(key)))
    })
}

fn find<'a>(caller: &'a Caller, asked: &str) -> Result<&'a Entry, Error> {
    entry_of(&caller.engine.registry, caller.environment, asked)
        .ok_or_else(|| Error::no_such("integration", asked))
}

fn view(entry: &Entry, environment: Environment, public: &Url) -> Integration {
    let about = entry.about();
    let features = DataType::ALL.into_iter().map(|data_type| DataTypeFeature {
        datatype: data_type,
        data_type,
        supported_features: vec![SupportedFeature {
            feature_type: "Get",
            feature_state: if about.supports(data_type) {
                "Release"
            } else {
                "NotSupported"
            },
        }],
    });
    Integration {
        key: about.codat.key,
        logo_url: logo_url(about, public),
        name: about.name,
        enabled: entry.endpoints(environment).is_some(),
        source_id: about.codat.source_id,
        source_type: "Accounting",
        integration_id: about.codat.integration_id,
        is_offline_connector: false,
        is_beta: false,
        data_provided_by: about.name,
        datatype_features: features.collect(),
    }
}

fn logo_url(about: &About, public: &Url) -> String {
    let public = public.as_str().trim_end_matches('/');
    format!("{public}/logos/{}.svg", about.key)
}

impl Properties for Integration {
    fn property(&self, path: &str) -> Found<'_> {
        match path {
            "key" => Found::text(self.key),
            "name" => Found::text(self.name),
            "sourceId" => Found::text(self.source_id),
            "sourceType" => Found::text(self.source_type),
            "integrationId" => Found::text(self.integration_id),
            "dataProvidedBy" => Found::text(self.data_provided_by),
            "logoUrl" => Found::text(&self.logo_url),
            "enabled" => Found::flag(self.enabled),
            "isOfflineConnector" => Found::flag(self.is_offline_connector),
            "isBeta" => Found::flag(self.is_beta),
            _ => Found::Missing,
        }
    }
}
