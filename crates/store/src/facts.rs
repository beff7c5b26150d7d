use crate::db::sql;
use crate::{Result, Tx};

pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    sql("select value from server_fact where name = $1")
        .bind(name)
        .first(tx)
        .await?
        .map(|row| row.text("value"))
        .transpose()
}

pub async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    sql("insert into server_fact (name, value) values ($1, $2)
         on conflict (name) do update set value = excluded.value")
    .bind(name)
    .bind(value)
    .run(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_both_stores;

    #[tokio::test]
    async fn the_last_value_counts() {
        on_both_stores(async |store| {
            let mut tx = store.write().await.unwrap();
            assert_eq!(get(&mut tx, "offset").await.unwrap(), None);
            for value in ["1", "2"] {
                set(&mut tx, "offset", value).await.unwrap();
                assert_eq!(get(&mut tx, "offset").await.unwrap().as_deref(), Some(value));
            }
        })
        .await;
    }
}
