use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::asked::Trouble;
use crate::database::Look;
use crate::graves::Graves;
use crate::ledger::TYPES;
use crate::process::pause;
use crate::quiet::{self, Extent};
use crate::readers::Readers;
use crate::watch::Watch;
use crate::world::{LEASE, Wanted, World};

/// A world in which one kind of trouble is made on purpose.
pub struct Stage {
    pub world: World,
    /// What should not have been so.
    pub wrong: Vec<String>,
    seed: u64,
    graves: Graves,
    readers: Option<Readers>,
    watch: Watch,
    trouble: Vec<Trouble>,
}

/// When a server is stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    Between,
    /// Its locks are held until the database ends the transaction.
    InTransaction,
}

impl Stage {
    pub async fn set(wanted: &Wanted<'_>, seed: u64) -> anyhow::Result<Self> {
        let world = World::start(wanted).await?;
        world.subscribe().await?;
        let watch = Watch::start(&world.database).await?;
        Ok(Self {
            world,
            wrong: Vec::new(),
            seed,
            graves: Graves::default(),
            readers: None,
            watch,
            trouble: Vec::new(),
        })
    }

    /// So many companies whose customers have consented; their first reads are under way.
    pub async fn link(&mut self, companies: usize, wanted: &Value) -> anyhow::Result<()> {
        self.link_all(companies, wanted, None).await
    }

    /// A company, each call of whose platform takes so long until [`Self::end_faults`].
    pub async fn link_slow(&mut self, ms: u64) -> anyhow::Result<()> {
        self.link_all(1, &json!({ "invoices": 120 }), Some(ms)).await
    }

    async fn link_all(
        &mut self,
        companies: usize,
        wanted: &Value,
        slow_ms: Option<u64>,
    ) -> anyhow::Result<()> {
        for number in 0..companies {
            let mut organisation = json!({
                "platform": "xero", "seed": self.seed * 100 + number as u64, "months": 6, "invoices": 60,
                "limits": "off", "page_size": 10,
            });
            if let (Some(all), Some(wanted)) = (organisation.as_object_mut(), wanted.as_object()) {
                all.extend(wanted.clone());
            }
            let name = format!("Company {number}");
            let company = self.world.company(&name, &organisation).await?;
            self.world.companies.push(company);
        }
        if let Some(ms) = slow_ms {
            self.fault(&json!({ "kind": "slow", "ms": ms })).await?;
        }
        for company in &self.world.companies {
            self.world.approve(company).await?;
        }
        for company in &self.world.companies {
            self.graves.look(&self.world, company).await?;
        }
        self.readers = Some(Readers::start(&self.world, self.seed));
        Ok(())
    }

    /// Let time pass until nothing is being read.
    pub async fn until_read(&self) -> anyhow::Result<()> {
        quiet::until_idle(&self.world).await
    }

    /// The app asks the node for one data type of the first company, or for `all`.
    pub async fn ask_for(&self, node: usize, data_type: &str, extent: Extent) -> anyhow::Result<()> {
        let company = &self.world.companies[0];
        let what = if data_type == "all" {
            "all".to_owned()
        } else {
            format!("queue/{data_type}")
        };
        let path = format!("/companies/{}/data/{what}{}", company.id, extent.query());
        let answer = self
            .world
            .web
            .ask("POST", &self.world.url_at(node, &path), None)
            .await?;
        let answer = answer.with_context(|| format!("{path} is not answered"))?;
        ensure!(
            answer.is_good(),
            "{path} answered {}: {}",
            answer.status,
            answer.text()
        );
        Ok(())
    }

    /// Ask, and wait until it is read.
    pub async fn read(&self, data_type: &str, extent: Extent) -> anyhow::Result<()> {
        self.ask_for(0, data_type, extent).await?;
        self.until_read().await
    }

    /// The first company's platform does something wrong from now on.
    pub async fn fault(&self, fault: &Value) -> anyhow::Result<()> {
        let path = format!("organisations/{}/faults", self.world.companies[0].organisation);
        self.world.control("POST", &path, Some(fault)).await?;
        Ok(())
    }

    pub async fn end_faults(&self) -> anyhow::Result<()> {
        crate::act::end_faults(&self.world, 0).await
    }

    /// Its lists are going to leave rows out: nobody can be blamed for taking them to be deleted.
    pub fn mislead(&mut self) {
        self.graves.mislead(&self.world.companies[0]);
    }

    /// People change the first company's books, `after` so many more calls; 0: now. Nothing is deleted.
    pub async fn change(&self, size: u64, after: u64) -> anyhow::Result<()> {
        let change = json!({ "seed": self.seed, "creates": size, "edits": size, "after": after });
        let path = format!("organisations/{}/mutate", self.world.companies[0].organisation);
        self.world.control("POST", &path, Some(&change)).await?;
        Ok(())
    }

    /// How many records of a type the first company has.
    pub async fn count(&self, data_type: &str) -> anyhow::Result<usize> {
        let path = format!(
            "organisations/{}/ledger?dataType={data_type}",
            self.world.companies[0].organisation
        );
        let told = self.world.control("GET", &path, None).await?;
        Ok(told["results"].as_array().map_or(0, Vec::len))
    }

    /// Wait until the first company's platform has answered so many more calls.
    pub async fn calls(&self, more: u64) -> anyhow::Result<()> {
        let company = &self.world.companies[0];
        let enough = self.world.requests(company).await? + more;
        let end = Instant::now() + Duration::from_secs(20);
        while self.world.requests(company).await? < enough {
            ensure!(Instant::now() < end, "the platform is not called any more");
            pause(Duration::from_millis(3)).await;
        }
        Ok(())
    }

    pub async fn look(&self) -> anyhow::Result<Look> {
        self.world.database.look().await
    }

    /// kill -9, and start anew.
    pub async fn restart(&mut self, node: usize) -> anyhow::Result<()> {
        let from = self.world.now().await?;
        self.world.restart_node(node).await?;
        let to = self.world.now().await?;
        self.trouble.push(Trouble { from, to });
        Ok(())
    }

    /// kill -9.
    pub fn kill(&mut self, node: usize) -> anyhow::Result<()> {
        match self.world.nodes[node].process.take() {
            Some(process) => process.kill(),
            None => Ok(()),
        }
    }

    /// The only node does nothing until [`Self::wake`], and does not know it: stopped between two transactions, or
    /// in the middle of one.
    pub async fn freeze(&self, node: usize, moment: Moment) -> anyhow::Result<()> {
        let mut look = self.look().await?;
        let open = "select cast(count(*) as text) from pg_stat_activity
             where datname = current_database() and state like 'idle in transaction%' and backend_xid is not null";
        // Whoever waits for a lock waits for the one who is stopped.
        let busy = "select cast(count(*) as text) from pg_stat_activity
             where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
                 and wait_event_type is distinct from 'Lock'";
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            self.process(node)?.stop()?;
            // What the database is doing for it comes to its end.
            pause(Duration::from_millis(40)).await;
            let at_rest = Instant::now() + Duration::from_secs(2);
            while look.number(busy).await? > 0 && Instant::now() < at_rest {
                pause(Duration::from_millis(10)).await;
            }
            let found = if look.number(open).await? > 0 {
                Moment::InTransaction
            } else {
                Moment::Between
            };
            if found == moment {
                return Ok(());
            }
            self.process(node)?.go_on()?;
            pause(Duration::from_millis(7)).await;
        }
        bail!("node {node} could not be stopped {moment:?}")
    }

    pub async fn wake(&mut self, node: usize) -> anyhow::Result<()> {
        let to = self.world.now().await?;
        self.process(node)?.go_on()?;
        // It was away for longer than a lease, else nobody took anything from it.
        let from = to - LEASE * 10;
        self.trouble.push(Trouble { from, to });
        Ok(())
    }

    fn process(&self, node: usize) -> anyhow::Result<&crate::process::Process> {
        let process = self.world.nodes[node].process.as_ref();
        process.with_context(|| format!("node {node} does not run"))
    }

    /// The first company's records have to be what the ledger says now, without another read: those of one type, or
    /// of all.
    pub async fn equals_the_ledger(&mut self, of: Option<&str>) -> anyhow::Result<()> {
        let company = &self.world.companies[0];
        for data_type in TYPES.iter().filter(|known| of.is_none_or(|of| of == known.key)) {
            quiet::compare_type(&self.world, company, data_type, &mut self.wrong).await?;
        }
        Ok(())
    }

    /// Ends when the database was seen in a state in which it should never be.
    pub fn alarm(&self) -> impl Future<Output = ()> + use<> {
        self.watch.alarm()
    }

    /// Everything that should not have been so.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = self.wrong.clone();
        wrong.extend(self.watch.wrong());
        wrong.extend(self.readers.iter().flat_map(Readers::wrong));
        wrong
    }

    /// The end of all trouble, and everything that has to be true then.
    pub async fn all_is_well(&mut self) -> anyhow::Result<()> {
        if self.wrong().is_empty()
            && let Some(readers) = &self.readers
        {
            let found = quiet::check(&mut self.world, &mut self.graves, readers, &self.trouble).await?;
            self.wrong.extend(found.wrong);
        }
        Ok(())
    }
}
