use std::collections::BTreeMap;

use ledgerline_model::{AppId, CompanyId, DataType};
use uuid::Uuid;

use crate::db::{Value, sql};
use crate::{Error, Result, Tx};

/// What is fetched of one data type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    pub data_type: DataType,
    pub fetch_on_first_link: bool,
    /// How far back; `None`: as far as the platform goes.
    pub months_to_sync: Option<i64>,
}

/// The data types of the first Run: the company's own settings, else the app's, else every type.
pub async fn fetch_on_first_link(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Vec<DataType>> {
    let settings = effective(tx, app, company).await?;
    Ok(settings
        .into_iter()
        .filter(|setting| setting.fetch_on_first_link)
        .map(|setting| setting.data_type)
        .collect())
}

/// One for each data type: the company's own, else the app's, else fetched and without a limit.
pub async fn effective(tx: &mut Tx, app: AppId, company: CompanyId) -> Result<Vec<Setting>> {
    let mut settings: BTreeMap<DataType, Setting> = BTreeMap::new();
    for data_type in DataType::ALL {
        let setting = Setting {
            data_type,
            fetch_on_first_link: true,
            months_to_sync: None,
        };
        settings.insert(data_type, setting);
    }
    for owner in [None, Some(company)] {
        for setting in list(tx, app, owner).await? {
            settings.insert(setting.data_type, setting);
        }
    }
    Ok(settings.into_values().collect())
}

/// What was set for the company itself, or for the app.
pub async fn list(tx: &mut Tx, app: AppId, company: Option<CompanyId>) -> Result<Vec<Setting>> {
    sql(
        "select data_type, fetch_on_first_link, months_to_sync from sync_setting
         where app_id = $1 and company_id = $2 order by data_type",
    )
    .bind(app)
    .bind(owner(company))
    .all(tx)
    .await?
    .iter()
    .map(|row| {
        Ok(Setting {
            data_type: row
                .text("data_type")?
                .parse()
                .map_err(|_| Error::Corrupt { column: "data_type" })?,
            fetch_on_first_link: row.bool("fetch_on_first_link")?,
            months_to_sync: row.opt_int("months_to_sync")?,
        })
    })
    .collect()
}

/// Replace what was set for the company itself, or for the app.
pub async fn replace(
    tx: &mut Tx,
    app: AppId,
    company: Option<CompanyId>,
    settings: &[Setting],
) -> Result<()> {
    sql("delete from sync_setting where app_id = $1 and company_id = $2")
        .bind(app)
        .bind(owner(company))
        .run(tx)
        .await?;
    for setting in settings {
        sql(
            "insert into sync_setting (app_id, company_id, data_type, fetch_on_first_link, months_to_sync)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(app)
        .bind(owner(company))
        .bind(setting.data_type.key())
        .bind(setting.fetch_on_first_link)
        .bind(Value::Int(setting.months_to_sync))
        .run(tx)
        .await?;
    }
    Ok(())
}

/// The app's own have no company.
fn owner(company: Option<CompanyId>) -> Uuid {
    company.map_or(Uuid::nil(), |company| company.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{a_company, an_app, on_both_stores};

    #[tokio::test]
    async fn the_company_s_own_settings_go_before_the_app_s() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            let app = an_app(&mut tx, "One").await.id;
            let (one, two) = (a_company(&mut tx, app).await.id, a_company(&mut tx, app).await.id);
            assert_eq!(
                fetch_on_first_link(&mut tx, app, one).await.unwrap(),
                DataType::ALL
            );
            let setting = |data_type, fetch_on_first_link| Setting {
                data_type,
                fetch_on_first_link,
                months_to_sync: Some(24),
            };
            let of_app: Vec<_> = DataType::ALL
                .map(|data_type| setting(data_type, data_type == DataType::Bills))
                .to_vec();
            replace(&mut tx, app, None, &of_app).await.unwrap();
            let of_company = [setting(DataType::Invoices, true)];
            replace(&mut tx, app, Some(one), &of_company).await.unwrap();
            replace(&mut tx, app, Some(one), &of_company).await.unwrap();
            let fetched = fetch_on_first_link(&mut tx, app, one).await.unwrap();
            assert_eq!(fetched, [DataType::Bills, DataType::Invoices]);
            assert_eq!(
                fetch_on_first_link(&mut tx, app, two).await.unwrap(),
                [DataType::Bills]
            );
        })
        .await;
    }
}
