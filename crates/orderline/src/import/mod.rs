//! `orderline import`: orders of another channel, from a file.

mod line;
mod orders;
mod send;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use shop_service::Cluster;

use crate::Outcome;
use crate::publish::Publisher;
use crate::sheet::{self, Refused};

/// Place the orders of another channel. Running it again places nothing twice.
///
/// Columns: channel,order_ref,user_ref,placed_at,sku,quantity,line_total,currency; one line a line of
/// an order. Lines with the same channel and order_ref are one order, wherever they stand. An order
/// with a bad line is not placed; the others are. A line that says the same as an earlier one (sku,
/// quantity and line_total) is reported and counted once. Exit code 2: some lines were refused.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The orders, .csv, or .jsonl with one object a line.
    file: PathBuf,
    #[command(flatten)]
    cluster: Cluster,
    /// Print the summary as JSON, with every line that was refused or passed over.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Summary {
    lines: usize,
    /// Orders published; the order service passes over those that it has.
    orders: usize,
    order_lines: usize,
    /// Orders that were not placed, because a line of theirs is bad.
    orders_refused: usize,
    refused: Vec<Refused>,
    duplicates: Vec<Refused>,
}

pub(crate) async fn run(import: Import) -> Outcome {
    let rows = sheet::rows(&import.file, &line::COLUMNS)?;
    let lines = rows.len();
    let read = orders::gather(rows);
    let publisher = Publisher::connect(&import.cluster, "import").await?;
    send::send(&publisher, &read.carts).await?;
    let summary = Summary {
        lines,
        orders: read.carts.len(),
        order_lines: read.carts.iter().map(|cart| cart.lines.len()).sum(),
        orders_refused: read.orders_refused,
        refused: read.refused,
        duplicates: read.duplicates,
    };
    sheet::report(&import.file, &summary.refused);
    sheet::report(&import.file, &summary.duplicates);
    if import.json {
        crate::out::json(&summary)?;
    } else {
        println!(
            "import: {} lines; {} orders with {} lines published; {} duplicate lines counted once; {} lines refused, and {} orders with them",
            summary.lines,
            summary.orders,
            summary.order_lines,
            summary.duplicates.len(),
            summary.refused.len(),
            summary.orders_refused,
        );
    }
    Ok(if summary.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
