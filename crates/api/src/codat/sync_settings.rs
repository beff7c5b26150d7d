use axum::Json as Answer;
use http::StatusCode;
use jiff::tz::TimeZone;
use ledgerline_engine::schedule;
use ledgerline_engine::schedule::calendar;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::setting::{History, Schedule, Setting};
use ledgerline_model::{DataType, Instant, Timestamp};
use ledgerline_store::{Tx, companies, settings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::owned::CompanyOf;
use crate::auth::App;
use crate::body::Json;

/// How fresh one data type is kept, and how far back it is read.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncSetting {
    #[schema(value_type = String)]
    data_type: String,
    /// Whether it is read as soon as a customer has linked, and by `data/all`.
    fetch_on_first_link: bool,
    /// Hours from the start of one read to the next: 0 (never), 1, 24, 168, 720 (a calendar month), or any other up
    /// to 8784; 672 to 744 are a month.
    sync_schedule: i64,
    /// Types with lower numbers are queued first.
    sync_order: i64,
    /// Only records that were modified at the platform since. Set this or `syncFromWindow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sync_from_utc: Option<String>,
    /// Only records that were modified at the platform in so many months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sync_from_window: Option<i64>,
    /// Of balance sheet, profit and loss and cash flow statement: months of history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    months_to_sync: Option<i64>,
    /// Of the app's settings: no company may have it otherwise.
    #[serde(default)]
    is_locked: Option<bool>,
    /// Ours, in the place of `syncSchedule`: minute, hour, day of month, month, day of week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cron_expression: Option<String>,
    /// Ours: IANA name of the expression's time zone; absent: the company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cron_time_zone: Option<String>,
    /// Ours: only documents dated in so many full months and the running one, and older ones that are still open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document_months: Option<i64>,
}

/// The app's settings of all data types.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfileSyncSettings {
    client_id: Uuid,
    settings: Vec<SyncSetting>,
    /// Whether something was set.
    overrides_defaults: bool,
}

/// The settings of all data types of a company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanySyncSettings {
    company_id: Uuid,
    settings: Vec<SyncSetting>,
    /// Whether something was set for this company.
    overrides_defaults: bool,
}

/// Settings to be set; types that are not named stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncSettingsRequest {
    #[serde(default)]
    settings: Vec<SyncSetting>,
    /// `false` takes back all that was set here.
    #[serde(default)]
    overrides_defaults: Option<bool>,
}

/// Get the settings that hold for all companies that have none of their own.
#[utoipa::path(
    get, path = "/profile/syncSettings", tag = "Settings", responses((status = 200, body = ProfileSyncSettings))
)]
pub async fn get_profile_sync_settings(app: App) -> Result<Answer<ProfileSyncSettings>, Error> {
    let mut tx = app.engine.store.read().await?;
    let own = settings::list(&mut tx, app.app, None).await?;
    let overrides_defaults = !own.is_empty();
    Ok(Answer(ProfileSyncSettings {
        client_id: app.app.0,
        settings: of_app(own).into_iter().map(SyncSetting::of).collect(),
        overrides_defaults,
    }))
}

/// Change the settings that hold for all companies that have none of their own.
#[utoipa::path(
    post, path = "/profile/syncSettings", tag = "Settings", request_body = SyncSettingsRequest,
    responses((status = 204))
)]
pub async fn update_profile_sync_settings(
    app: App,
    Json(request): Json<SyncSettingsRequest>,
) -> Result<StatusCode, Error> {
    let mut tx = app.engine.store.write().await?;
    let own = settings::list(&mut tx, app.app, None).await?;
    named(&request)?;
    let wanted = merge(own, request)?;
    settings::replace(&mut tx, app.app, None, &wanted, app.engine.now()).await?;
    schedule::settings_changed(&app.engine, &mut tx, app.app, None)
        .await
        .map_err(|error| Error::internal(&error))?;
    tx.commit().await?;
    app.engine.work.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Get the settings that hold for a company.
#[utoipa::path(
    get, path = "/companies/{companyId}/syncSettings", tag = "Settings",
    responses((status = 200, body = CompanySyncSettings))
)]
pub async fn get_company_sync_settings(of: CompanyOf) -> Result<Answer<CompanySyncSettings>, Error> {
    let mut tx = of.engine.store.read().await?;
    let own = settings::list(&mut tx, of.app, Some(of.company.id)).await?;
    let effective = settings::effective(&mut tx, &of.company).await?;
    Ok(Answer(CompanySyncSettings {
        company_id: of.company.id.0,
        settings: effective.into_iter().map(SyncSetting::of).collect(),
        overrides_defaults: !own.is_empty(),
    }))
}

/// Change the settings of a company; they go before the app's, but for those that the app has locked.
#[utoipa::path(
    post, path = "/companies/{companyId}/syncSettings", tag = "Settings", request_body = SyncSettingsRequest,
    responses((status = 204))
)]
pub async fn update_company_sync_settings(
    of: CompanyOf,
    Json(request): Json<SyncSettingsRequest>,
) -> Result<StatusCode, Error> {
    let mut tx = of.engine.store.write().await?;
    let company = companies::lock(&mut tx, of.app, of.company.id).await?;
    let company = company.ok_or_else(|| Error::no_company(&of.company.id.to_string()))?;
    let own = settings::list(&mut tx, of.app, Some(company.id)).await?;
    let asked: Vec<DataType> = named(&request)?;
    let mut wanted = merge(own, request)?;
    leave_locked(&mut tx, &company, &asked, &mut wanted).await?;
    settings::replace(&mut tx, of.app, Some(company.id), &wanted, of.engine.now()).await?;
    schedule::settings_changed(&of.engine, &mut tx, of.app, Some(&company))
        .await
        .map_err(|error| Error::internal(&error))?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// One for each data type, set or not.
fn of_app(own: Vec<Setting>) -> Vec<Setting> {
    let set = |data_type: DataType| own.iter().find(|setting| setting.data_type == data_type).cloned();
    DataType::ALL
        .into_iter()
        .map(|data_type| set(data_type).unwrap_or_else(|| Setting::default_of(Profile::Codat, data_type)))
        .collect()
}

/// What was set before, with what is set now.
fn merge(before: Vec<Setting>, request: SyncSettingsRequest) -> Result<Vec<Setting>, Error> {
    let mut wanted = match request.overrides_defaults {
        Some(false) => return Ok(Vec::new()),
        Some(true) | None => before,
    };
    for (index, setting) in request.settings.into_iter().enumerate() {
        let setting = setting.read(index)?;
        wanted.retain(|before| before.data_type != setting.data_type);
        wanted.push(setting);
    }
    Ok(wanted)
}

/// The data types of a request, each once.
fn named(request: &SyncSettingsRequest) -> Result<Vec<DataType>, Error> {
    let mut named = Vec::new();
    for (index, setting) in request.settings.iter().enumerate() {
        let data_type = setting.read_data_type(index)?;
        if named.contains(&data_type) {
            return Err(invalid(
                index,
                "dataType",
                &format!("`{data_type}` is there twice"),
            ));
        }
        named.push(data_type);
    }
    Ok(named)
}

/// What the app has locked can be named only as it is.
async fn leave_locked(
    tx: &mut Tx,
    company: &Company,
    asked: &[DataType],
    wanted: &mut Vec<Setting>,
) -> Result<(), Error> {
    if company.profile != Profile::Codat {
        return Ok(());
    }
    for locked in settings::list(tx, company.app, None).await? {
        let found = wanted
            .iter()
            .position(|setting| locked.is_locked && setting.data_type == locked.data_type);
        let Some(place) = found else { continue };
        let own = wanted.remove(place);
        let is_asked = asked.iter().position(|asked| *asked == locked.data_type);
        if let Some(index) = is_asked
            && !says_the_same(&own, &locked)
        {
            let problem = format!(
                "the setting of `{}` is locked for all companies",
                locked.data_type
            );
            return Err(invalid(index, "dataType", &problem));
        }
    }
    Ok(())
}

fn says_the_same(one: &Setting, other: &Setting) -> bool {
    let bare = |setting: &Setting| Setting {
        is_locked: false,
        set_at: Timestamp::UNIX_EPOCH,
        ..setting.clone()
    };
    bare(one) == bare(other)
}

/// The longest interval, in hours.
const MAX_HOURS: i64 = 8784;

/// What clients mean by a month, in hours.
const MONTH: std::ops::RangeInclusive<i64> = 672..=744;

/// How a month is printed.
const MONTH_HOURS: i64 = 720;

const MAX_MONTHS: i64 = 1200;

impl SyncSetting {
    fn of(setting: Setting) -> Self {
        let (sync_schedule, cron_expression, cron_time_zone) = match setting.schedule {
            Schedule::None => (0, None, None),
            Schedule::Hours(hours) => (i64::from(hours), None, None),
            Schedule::Monthly => (MONTH_HOURS, None, None),
            Schedule::Cron { expression, zone } => (0, Some(expression), zone),
        };
        let (since, window, documents) = match setting.history {
            History::All => (None, None, None),
            History::ModifiedSince(since) => (Some(Instant(since).to_string()), None, None),
            History::ModifiedMonths(months) => (None, Some(i64::from(months)), None),
            History::DocumentMonths(months) => (None, None, Some(i64::from(months))),
        };
        let is_statement = setting.data_type.is_statement();
        Self {
            data_type: setting.data_type.key().to_owned(),
            fetch_on_first_link: setting.fetch_on_first_link,
            sync_schedule,
            sync_order: setting.order,
            sync_from_utc: since,
            sync_from_window: window,
            months_to_sync: is_statement.then_some(i64::from(setting.months_to_sync)),
            is_locked: Some(setting.is_locked),
            cron_expression,
            cron_time_zone,
            document_months: documents,
        }
    }

    fn read_data_type(&self, index: usize) -> Result<DataType, Error> {
        self.data_type.parse().map_err(|_| {
            invalid(
                index,
                "dataType",
                &format!("`{}` is no data type", self.data_type),
            )
        })
    }

    fn read(self, index: usize) -> Result<Setting, Error> {
        let data_type = self.read_data_type(index)?;
        let default = Setting::default_of(Profile::Codat, data_type);
        Ok(Setting {
            data_type,
            fetch_on_first_link: self.fetch_on_first_link,
            schedule: self.schedule(index)?,
            order: self.sync_order,
            history: self.history(index)?,
            months_to_sync: months(index, "monthsToSync", self.months_to_sync)?
                .unwrap_or(default.months_to_sync),
            is_locked: self.is_locked.unwrap_or(false),
            set_at: default.set_at,
        })
    }

    fn schedule(&self, index: usize) -> Result<Schedule, Error> {
        let Some(expression) = &self.cron_expression else {
            if self.cron_time_zone.is_some() {
                let problem = "it needs a `cronExpression`";
                return Err(invalid(index, "cronTimeZone", problem));
            }
            return match self.sync_schedule {
                0 => Ok(Schedule::None),
                hours if MONTH.contains(&hours) => Ok(Schedule::Monthly),
                hours @ 1..=MAX_HOURS => Ok(Schedule::Hours(u32::try_from(hours).unwrap_or(u32::MAX))),
                hours => {
                    let problem = format!("{hours} is not between 0 and {MAX_HOURS} hours");
                    Err(invalid(index, "syncSchedule", &problem))
                }
            };
        };
        calendar::parse(expression).map_err(|error| invalid(index, "cronExpression", &error.to_string()))?;
        if let Some(zone) = &self.cron_time_zone {
            calendar::check_zone(zone).map_err(|error| invalid(index, "cronTimeZone", &error.to_string()))?;
        }
        Ok(Schedule::Cron {
            expression: expression.clone(),
            zone: self.cron_time_zone.clone(),
        })
    }

    fn history(&self, index: usize) -> Result<History, Error> {
        let since = match self.sync_from_utc.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(instant(text).ok_or_else(|| {
                invalid(
                    index,
                    "syncFromUtc",
                    &format!("`{text}` is neither a date nor a date and time"),
                )
            })?),
            None => None,
        };
        let window = months(index, "syncFromWindow", self.sync_from_window)?;
        let documents = months(index, "documentMonths", self.document_months)?;
        match (since, window, documents) {
            (None, None, None) => Ok(History::All),
            (Some(since), None, None) => Ok(History::ModifiedSince(since)),
            (None, Some(months), None) => Ok(History::ModifiedMonths(months)),
            (None, None, Some(months)) => Ok(History::DocumentMonths(months)),
            (Some(_), Some(_), _) => {
                let problem = "`syncFromUtc` and `syncFromWindow` exclude each other";
                Err(invalid(index, "syncFromWindow", problem))
            }
            (_, _, Some(_)) => {
                let problem = "it excludes `syncFromUtc` and `syncFromWindow`";
                Err(invalid(index, "documentMonths", problem))
            }
        }
    }
}

fn months(index: usize, field: &str, months: Option<i64>) -> Result<Option<u32>, Error> {
    match months {
        None => Ok(None),
        Some(months @ 1..=MAX_MONTHS) => Ok(u32::try_from(months).ok()),
        Some(months) => {
            let problem = format!("{months} is not between 1 and {MAX_MONTHS} months");
            Err(invalid(index, field, &problem))
        }
    }
}

/// An instant with or without an offset, or a date; what says no offset is UTC.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local: jiff::civil::DateTime = match text.parse::<jiff::civil::DateTime>() {
        Ok(local) => local,
        Err(_) => text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn invalid(index: usize, field: &str, problem: &str) -> Error {
    Error::bad_request(format!(
        "The field `settings[{index}].{field}` is not valid: {problem}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(json: serde_json::Value) -> Result<Setting, Error> {
        let mut whole = serde_json::json!({
            "dataType": "invoices", "fetchOnFirstLink": true, "syncSchedule": 24, "syncOrder": 0,
        });
        for (name, value) in json.as_object().unwrap() {
            whole[name] = value.clone();
        }
        serde_json::from_value::<SyncSetting>(whole).unwrap().read(3)
    }

    #[test]
    fn hours_are_schedules_and_about_a_month_is_a_month() {
        for (hours, schedule) in [
            (0, Schedule::None),
            (1, Schedule::Hours(1)),
            (168, Schedule::Hours(168)),
            (720, Schedule::Monthly),
            (730, Schedule::Monthly),
            (744, Schedule::Monthly),
        ] {
            let read = setting(serde_json::json!({ "syncSchedule": hours }))
                .ok()
                .unwrap();
            assert_eq!(read.schedule, schedule);
        }
    }

    #[test]
    fn dates_are_read_in_all_three_forms() {
        for text in [
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-01-01T00:00:00.000Z",
            "2020-01-01T02:00:00+02:00",
        ] {
            let read = setting(serde_json::json!({ "syncFromUtc": text })).ok().unwrap();
            assert_eq!(
                read.history,
                History::ModifiedSince("2020-01-01T00:00:00Z".parse().unwrap()),
                "{text}"
            );
        }
    }
}
