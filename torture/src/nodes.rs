use crate::torture::Options;

/// stub
pub async fn run(_options: &Options, _connections: usize) -> anyhow::Result<String> {
    Ok(String::new())
}
