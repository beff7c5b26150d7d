use std::collections::BTreeMap;

use ledgerline_model::company::{Company, Profile};
use ledgerline_model::setting::{History, STATEMENT_MONTHS, Schedule, Setting};
use ledgerline_model::{AppId, CompanyId, DataType, Timestamp};
use uuid::Uuid;

use crate::db::{Row, Value, sql};
use crate::{Error, Result, Tx};

/// The data types of the first Run, in the order in which they are queued.
pub async fn fetch_on_first_link(tx: &mut Tx, company: &Company) -> Result<Vec<DataType>> {
    let mut settings = effective(tx, company).await?;
    settings.retain(|setting| setting.fetch_on_first_link);
    settings.sort_by_key(|setting| (setting.order, setting.data_type));
    Ok(settings.into_iter().map(|setting| setting.data_type).collect())
}

/// One for each data type: the company's own, else what its profile takes from the app, else the profile's.
///
/// The rules of the `accend` profile stand in the place of the app's settings, which are in Codat's words.
pub async fn effective(tx: &mut Tx, company: &Company) -> Result<Vec<Setting>> {
    let mut settings: BTreeMap<DataType, Setting> = BTreeMap::new();
    for data_type in DataType::ALL {
        settings.insert(data_type, Setting::default_of(company.profile, data_type));
    }
    if company.profile == Profile::Codat {
        for setting in list(tx, company.app, None).await? {
            settings.insert(setting.data_type, setting);
        }
    }
    for setting in list(tx, company.app, Some(company.id)).await? {
        let locked = settings
            .get(&setting.data_type)
            .is_some_and(|general| general.is_locked);
        if !locked {
            settings.insert(setting.data_type, setting);
        }
    }
    Ok(settings.into_values().collect())
}

/// Whether any type of the company may be read by a schedule.
pub async fn any_schedule(tx: &mut Tx, company: &Company) -> Result<bool> {
    let of_profile = DataType::ALL
        .map(|data_type| Setting::default_of(company.profile, data_type).schedule)
        .into_iter()
        .any(|schedule| schedule != Schedule::None);
    if of_profile {
        return Ok(true);
    }
    let any = sql("select 1 as one from sync_setting
         where app_id = $1 and company_id in ($2, $3) and schedule <> 'none' limit 1")
    .bind(company.app)
    .bind(owner(None))
    .bind(owner(Some(company.id)));
    Ok(any.first(tx).await?.is_some())
}

/// What was set for the company itself, or for the app.
pub async fn list(tx: &mut Tx, app: AppId, company: Option<CompanyId>) -> Result<Vec<Setting>> {
    sql("select * from sync_setting where app_id = $1 and company_id = $2 order by data_type")
        .bind(app)
        .bind(owner(company))
        .all(tx)
        .await?
        .iter()
        .map(of_row)
        .collect()
}

/// Replace what was set for the company itself, or for the app. A setting that stays as it was keeps the time at
/// which it was set.
pub async fn replace(
    tx: &mut Tx,
    app: AppId,
    company: Option<CompanyId>,
    settings: &[Setting],
    at: Timestamp,
) -> Result<()> {
    let before = list(tx, app, company).await?;
    sql("delete from sync_setting where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(owner(company))
        .run(tx)
        .await?;
    for setting in settings {
        let kept = before
            .iter()
            .find(|before| before.data_type == setting.data_type && before.schedule == setting.schedule);
        insert(tx, app, company, setting, kept.map_or(at, |kept| kept.set_at)).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    app: AppId,
    company: Option<CompanyId>,
    setting: &Setting,
    set_at: Timestamp,
) -> Result<()> {
    let (schedule, cron, cron_zone) = match &setting.schedule {
        Schedule::None => ("none".to_owned(), None, None),
        Schedule::Hours(hours) => (format!("hours:{hours}"), None, None),
        Schedule::Monthly => ("monthly".to_owned(), None, None),
        Schedule::Cron { expression, zone } => {
            ("cron".to_owned(), Some(expression.as_str()), zone.as_deref())
        }
    };
    let (since, window, documents) = match setting.history {
        History::All => (None, None, None),
        History::ModifiedSince(since) => (Some(since), None, None),
        History::ModifiedMonths(months) => (None, Some(i64::from(months)), None),
        History::DocumentMonths(months) => (None, None, Some(i64::from(months))),
    };
    sql("insert into sync_setting (app_id, company_id, data_type, fetch_on_first_link, schedule, cron, cron_zone,
             sync_order, sync_from, window_months, document_months, months_to_sync, is_locked, set_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
    .bind(app)
    .bind(owner(company))
    .bind(setting.data_type.key())
    .bind(setting.fetch_on_first_link)
    .bind(schedule)
    .bind(cron)
    .bind(cron_zone)
    .bind(setting.order)
    .bind(since)
    .bind(Value::Int(window))
    .bind(Value::Int(documents))
    .bind(i64::from(setting.months_to_sync))
    .bind(setting.is_locked)
    .bind(set_at)
    .run(tx)
    .await?;
    Ok(())
}

fn of_row(row: &Row) -> Result<Setting> {
    let data_type = row.text("data_type")?;
    Ok(Setting {
        data_type: data_type
            .parse()
            .map_err(|_| Error::Corrupt { column: "data_type" })?,
        fetch_on_first_link: row.bool("fetch_on_first_link")?,
        schedule: schedule(row)?,
        order: row.int("sync_order")?,
        history: history(row)?,
        months_to_sync: months(row, "months_to_sync")?.unwrap_or(STATEMENT_MONTHS),
        is_locked: row.bool("is_locked")?,
        set_at: row.at("set_at")?,
    })
}

fn schedule(row: &Row) -> Result<Schedule> {
    let corrupt = || Error::Corrupt { column: "schedule" };
    let text = row.text("schedule")?;
    Ok(match text.as_str() {
        "none" => Schedule::None,
        "monthly" => Schedule::Monthly,
        "cron" => Schedule::Cron {
            expression: row.opt_text("cron")?.ok_or_else(corrupt)?,
            zone: row.opt_text("cron_zone")?,
        },
        other => {
            let hours = other.strip_prefix("hours:").and_then(|hours| hours.parse().ok());
            Schedule::Hours(hours.ok_or_else(corrupt)?)
        }
    })
}

fn history(row: &Row) -> Result<History> {
    if let Some(since) = row.opt_at("sync_from")? {
        return Ok(History::ModifiedSince(since));
    }
    if let Some(months) = months(row, "window_months")? {
        return Ok(History::ModifiedMonths(months));
    }
    Ok(months(row, "document_months")?.map_or(History::All, History::DocumentMonths))
}

fn months(row: &Row, column: &'static str) -> Result<Option<u32>> {
    let months = row.opt_int(column)?;
    months
        .map(|months| u32::try_from(months).map_err(|_| Error::Corrupt { column }))
        .transpose()
}

/// The app's own have no company.
fn owner(company: Option<CompanyId>) -> Uuid {
    company.map_or(Uuid::nil(), |company| company.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{a_company, an_app, at, on_both_stores};

    fn setting(data_type: DataType, fetch_on_first_link: bool) -> Setting {
        Setting {
            fetch_on_first_link,
            ..Setting::default_of(Profile::Codat, data_type)
        }
    }

    #[tokio::test]
    async fn the_company_s_own_settings_go_before_the_app_s() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let (one, two) = (a_company(&mut tx, app).await, a_company(&mut tx, app).await);
            assert_eq!(fetch_on_first_link(&mut tx, &one).await.unwrap(), DataType::ALL);
            let of_app: Vec<_> = DataType::ALL
                .map(|data_type| setting(data_type, data_type == DataType::Bills))
                .to_vec();
            replace(&mut tx, app, None, &of_app, at(1)).await.unwrap();
            let of_company = [Setting {
                order: -1,
                ..setting(DataType::Invoices, true)
            }];
            for _ in 0..2 {
                replace(&mut tx, app, Some(one.id), &of_company, at(1))
                    .await
                    .unwrap();
            }
            let fetched = fetch_on_first_link(&mut tx, &one).await.unwrap();
            assert_eq!(fetched, [DataType::Invoices, DataType::Bills]);
            assert_eq!(
                fetch_on_first_link(&mut tx, &two).await.unwrap(),
                [DataType::Bills]
            );
        })
        .await;
    }

    #[tokio::test]
    async fn settings_come_back_as_they_were_set() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let cron = Schedule::Cron {
                expression: "30 2 * * 1".into(),
                zone: Some("Europe/Berlin".into()),
            };
            let schedules = [Schedule::None, Schedule::Hours(1), Schedule::Monthly, cron];
            let histories = [
                History::All,
                History::ModifiedSince(at(5)),
                History::ModifiedMonths(12),
                History::DocumentMonths(36),
            ];
            let all = schedules.into_iter().zip(histories).zip(DataType::ALL);
            let mut settings: Vec<_> = all
                .map(|((schedule, history), data_type)| Setting {
                    schedule,
                    history,
                    order: 3,
                    months_to_sync: 7,
                    is_locked: true,
                    set_at: at(9),
                    ..setting(data_type, false)
                })
                .collect();
            replace(&mut tx, app, None, &settings, at(9)).await.unwrap();
            assert_eq!(list(&mut tx, app, None).await.unwrap(), settings);
            // Only what changes its schedule counts anew.
            settings[1].schedule = Schedule::Hours(2);
            settings[2].order = 4;
            replace(&mut tx, app, None, &settings, at(10)).await.unwrap();
            settings[1].set_at = at(10);
            assert_eq!(list(&mut tx, app, None).await.unwrap(), settings);
        })
        .await;
    }

    #[tokio::test]
    async fn what_the_app_has_locked_no_company_changes() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let one = a_company(&mut tx, app).await;
            let own = [Setting {
                schedule: Schedule::Hours(1),
                ..setting(DataType::Bills, true)
            }];
            replace(&mut tx, app, Some(one.id), &own, at(1)).await.unwrap();
            let locked = [Setting {
                schedule: Schedule::Monthly,
                is_locked: true,
                ..setting(DataType::Bills, true)
            }];
            replace(&mut tx, app, None, &locked, at(1)).await.unwrap();
            let all = effective(&mut tx, &one).await.unwrap();
            let bills = all.iter().find(|setting| setting.data_type == DataType::Bills);
            assert_eq!(bills.map(|bills| &bills.schedule), Some(&Schedule::Monthly));
        })
        .await;
    }
}
