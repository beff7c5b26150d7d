use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, bail, ensure};

/// Ticks of `/proc/PID/stat` in a second; the kernel's constant towards programs.
const TICKS: f64 = 100.0;

/// A process that ends with its handle.
pub struct Process(Child);

impl Process {
    /// Start it; what it prints goes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let log = fs::File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn();
        Ok(Self(
            child.with_context(|| format!("{command:?} cannot be started"))?,
        ))
    }

    pub fn cpu(&self) -> anyhow::Result<f64> {
        cpu_of(self.0.id())
    }

    /// Resident memory now, in megabytes (10^6 bytes).
    pub fn resident(&self) -> anyhow::Result<f64> {
        self.status("VmRSS:")
    }

    /// The most resident memory since the start or [`Self::forget_peak`], in megabytes.
    pub fn peak(&self) -> anyhow::Result<f64> {
        self.status("VmHWM:")
    }

    pub fn forget_peak(&self) -> anyhow::Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5")?)
    }

    fn status(&self, name: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .context("no such memory count")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024.0 / 1e6)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Run it to its end: what it printed. Errors go where ours go.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// Seconds of CPU, user and system, of all threads of this process; finer than [`cpu_of`].
pub fn own_cpu() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// Seconds of CPU, user and system, of all threads of a process.
pub fn cpu_of(pid: u32) -> anyhow::Result<f64> {
    Ok(Stat::read(pid)?.own)
}

/// Seconds of CPU of a PostgreSQL: its processes, and those that have ended.
pub fn cpu_of_postgres(postmaster: u32) -> anyhow::Result<f64> {
    let stat = Stat::read(postmaster)?;
    let mut total = stat.own + stat.ended_children;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that has just ended is among the ended children.
        if let Ok(child) = Stat::read(pid)
            && child.parent == postmaster
        {
            total += child.own;
        }
    }
    Ok(total)
}

struct Stat {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Stat {
    fn read(pid: u32) -> anyhow::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name of the program is in brackets and may hold anything; fields are counted behind it.
        let (_, fields) = text.rsplit_once(')').context("`stat` has no name")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let ticks = |index: usize| -> anyhow::Result<f64> {
            Ok(fields.get(index).context("`stat` is short")?.parse::<f64>()? / TICKS)
        };
        Ok(Self {
            parent: fields.get(1).context("`stat` is short")?.parse()?,
            own: ticks(11)? + ticks(12)?,
            ended_children: ticks(13)? + ticks(14)?,
        })
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}

/// Wait until something listens on a port of ours.
pub fn wait_for_port(port: u16, log: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if start.elapsed() > Duration::from_secs(60) {
            let last = BufReader::new(fs::File::open(log)?)
                .lines()
                .map_while(Result::ok)
                .last();
            bail!("nothing listens on port {port}: {}", last.unwrap_or_default());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
