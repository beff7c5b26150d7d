use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::graves::Graves;
use crate::process::pause;
use crate::step::Step;
use crate::world::{Company, World};

/// Do one step. What the app asks for may be refused: the world is in trouble, after all.
pub async fn act(world: &mut World, graves: &mut Graves, step: &Step) -> anyhow::Result<()> {
    match step {
        Step::Change { company, change } => {
            let company = world.companies[*company].clone();
            graves.look(world, &company).await?;
            let path = format!("organisations/{}/mutate", company.organisation);
            world.control("POST", &path, Some(&change.json())).await?;
            graves.look(world, &company).await?;
        }
        Step::ChangeLater {
            company,
            after,
            change,
        } => {
            let company = world.companies[*company].clone();
            let path = format!("organisations/{}/mutate", company.organisation);
            // At most one at a time, or nobody could tell what was deleted in between.
            world.control("DELETE", &path, None).await?;
            graves.look(world, &company).await?;
            let mut body = change.json();
            body["after"] = json!(after);
            world.control("POST", &path, Some(&body)).await?;
        }
        Step::Fault { company, fault } => {
            let company = world.companies[*company].clone();
            if fault["kind"] == "short_list" {
                graves.mislead(&company);
            }
            let path = format!("organisations/{}/faults", company.organisation);
            world.control("POST", &path, Some(fault)).await?;
            if fault["data_type"] == "tokens" || fault["kind"] == "rotation_reply_lost" {
                // Access tokens end after half an hour.
                world.advance(31).await?;
            }
            // Or it may be over before it has struck anything.
            let path = format!("/companies/{}/data/all?full=true", company.id);
            ask(world, 0, "POST", &path, None).await?;
        }
        Step::EndFaults { company } => end_faults(world, *company).await?,
        Step::RefreshAll { company, node } => {
            let path = format!("/companies/{}/data/all", world.companies[*company].id);
            ask(world, *node, "POST", &path, None).await?;
        }
        Step::RefreshOne {
            company,
            node,
            data_type,
        } => {
            let id = &world.companies[*company].id;
            let path = format!("/companies/{id}/data/queue/{data_type}");
            ask(world, *node, "POST", &path, None).await?;
        }
        Step::MovingRead {
            company,
            node,
            after,
            change,
            minutes,
        } => {
            let company = world.companies[*company].clone();
            graves.look(world, &company).await?;
            let organisation = format!("organisations/{}", company.organisation);
            // Only around the change: else most of what strikes is slowness.
            let slowly = json!({
                "kind": "slow", "rate": 1, "ms": 300, "after": after.saturating_sub(2), "count": 3,
            });
            world
                .control("POST", &format!("{organisation}/faults"), Some(&slowly))
                .await?;
            let before = world.requests(&company).await?;
            let path = format!("/companies/{}/data/all?full=true", company.id);
            ask(world, *node, "POST", &path, None).await?;
            wait_for(world, &company, before + after).await?;
            world
                .control("POST", &format!("{organisation}/mutate"), Some(&change.json()))
                .await?;
            world.advance(*minutes).await?;
            graves.look(world, &company).await?;
        }
        Step::Advance { minutes } => world.advance(*minutes).await?,
        Step::Kill { node, company, after } => {
            wait_for_more(world, *company, *after).await?;
            world.restart_node(*node).await?;
        }
        Step::Freeze {
            node,
            company,
            after,
            ms,
        } => {
            let company = world.companies[*company].clone();
            let before = world.requests(&company).await?;
            let path = format!("/companies/{}/data/all?full=true", company.id);
            ask(world, *node, "POST", &path, None).await?;
            wait_for(world, &company, before + after).await?;
            if let Some(process) = &world.nodes[*node].process {
                process.stop()?;
                pause(Duration::from_millis(*ms)).await;
                process.go_on()?;
            }
        }
        Step::Disconnect { company } => {
            let company = &world.companies[*company];
            let path = format!("/companies/{}/connections/{}", company.id, company.connection);
            let body = json!({ "status": "Unlinked" });
            ask(world, 0, "PATCH", &path, Some(&body)).await?;
        }
        Step::Revoke { company } => {
            let path = format!("organisations/{}/revoke", world.companies[*company].organisation);
            world.control("POST", &path, None).await?;
            world.cut.insert(*company);
        }
        Step::Reconnect { company } => reconnect(world, *company).await?,
        Step::Receiver { down } => world.receiver.set_down(*down),
    }
    Ok(())
}

/// Until the company's platform has answered so many more calls; not for long.
pub async fn wait_for_more(world: &World, company: usize, more: u64) -> anyhow::Result<()> {
    let company = &world.companies[company];
    let enough = world.requests(company).await? + more;
    wait_for(world, company, enough).await
}

/// Until the company's platform has answered so many calls; not for long.
async fn wait_for(world: &World, company: &Company, calls: u64) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_millis(1500);
    while world.requests(company).await? < calls && Instant::now() < end {
        pause(Duration::from_millis(3)).await;
    }
    Ok(())
}

pub async fn end_faults(world: &World, company: usize) -> anyhow::Result<()> {
    let path = format!("organisations/{}/faults", world.companies[company].organisation);
    world.control("DELETE", &path, None).await?;
    Ok(())
}

/// Whether the connection stands, as far as we know.
pub async fn is_linked(world: &World, company: usize) -> anyhow::Result<bool> {
    let company = &world.companies[company];
    let path = format!("/companies/{}/connections/{}", company.id, company.connection);
    let connection = world.web.get(&world.url(&path)).await?;
    Ok(connection["status"] == "Linked")
}

/// The customer consents again if the connection does not stand.
pub async fn reconnect(world: &World, company: usize) -> anyhow::Result<()> {
    if !is_linked(world, company).await? {
        let company = &world.companies[company];
        // What is cut at the platform while the customer consents may be cut again: then another consent is needed.
        let _ = world.approve(company).await;
    }
    Ok(())
}

async fn ask(
    world: &World,
    node: usize,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> anyhow::Result<()> {
    let answer = world.web.ask(method, &world.url_at(node, path), body).await?;
    if let Some(answer) = answer
        && answer.status >= 500
        && answer.status != 503
    {
        anyhow::bail!("{method} {path} answered {}: {}", answer.status, answer.text());
    }
    Ok(())
}
