//! One JSON line a run, the same for every peer.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

use crate::Args;
use crate::order::Check;

#[derive(Serialize)]
struct Report<'a> {
    peer: &'a str,
    records: u64,
    wall_s: f64,
    total_s: f64,
    cpu_user_s: f64,
    cpu_sys_s: f64,
    max_rss_kb: i64,
    order_violations: u64,
    delay_us: u64,
    concurrency: usize,
}

/// Prints the line. CPU time and peak memory are the whole process's.
pub fn print(peer: &str, args: &Args, check: &Check, total_s: f64) -> anyhow::Result<()> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds = |t: nix::sys::time::TimeVal| t.num_microseconds() as f64 / 1e6;
    let report = Report {
        peer,
        records: args.records,
        wall_s: check.wall_s(),
        total_s,
        cpu_user_s: seconds(usage.user_time()),
        cpu_sys_s: seconds(usage.system_time()),
        max_rss_kb: usage.max_rss(),
        order_violations: check.violations(),
        delay_us: args.delay_us,
        concurrency: args.concurrency,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
