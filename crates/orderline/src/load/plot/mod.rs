//! The run as a picture: throughput, latency and lag over time, as SVG on white.

mod axis;
mod panel;
mod ticks;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::latency::Percentiles;
use super::report::Report;
use super::series::Part;
use panel::{FAINT, Line, Panel, Scale, Stroke, TEXT, bold, font};

const SIZE: (u32, u32) = (1_000, 980);
const HEAD: i32 = 92;

/// Colours that people who see colours differently can tell apart (Okabe and Ito).
const GREY: RGBColor = RGBColor(0x99, 0x99, 0x99);
const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
const RED: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);
const YELLOW: RGBColor = RGBColor(0xe6, 0x9f, 0x00);
const SKY: RGBColor = RGBColor(0x56, 0xb4, 0xe9);

/// The whole picture.
pub(super) fn svg(report: &Report) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let (head, rest) = root.split_vertically(HEAD);
        let left = Pos::new(HPos::Left, VPos::Center);
        let [title, facts, more] = words(report);
        head.draw_text(&title, &bold(font(20, TEXT)).pos(left), (20, 28))?;
        head.draw_text(&facts, &font(13, FAINT).pos(left), (20, 54))?;
        head.draw_text(&more, &font(13, FAINT).pos(left), (20, 74))?;
        let panels = [throughput(report), latency(report), lag(report)];
        for (panel, area) in panels.iter().zip(rest.split_evenly((panels.len(), 1))) {
            panel.draw(&area, report.duration_seconds, report.sending_seconds)?;
        }
        root.present()?;
    }
    Ok(svg)
}

fn words(report: &Report) -> [String; 3] {
    let parameters = &report.parameters;
    let counts = &report.counts;
    let lost = match counts.refused + counts.unfinished {
        0 => String::new(),
        _ => format!(" · {} refused, {} unfinished", counts.refused, counts.unfinished),
    };
    [
        format!("Orderline: {}", parameters.words()),
        report.setting.words(&parameters.brokers),
        format!(
            "{} · orderline {} ({}) · {} cores{lost}",
            report.started_at,
            report.versions.orderline,
            report.versions.build,
            report.setting.cores
        ),
    ]
}

/// A part's middle, and a value of it.
fn points(report: &Report, of: impl Fn(&Part) -> Option<f64>) -> Vec<(f64, f64)> {
    let half = report.series.part_seconds / 2.0;
    let parts = report.series.parts.iter();
    let points = parts.filter_map(|part| Some((part.until_seconds - half, of(part)?)));
    points.map(|(x, y)| (x.min(report.duration_seconds), y)).collect()
}

fn throughput(report: &Report) -> Panel<'static> {
    let line = |name: &str, color, stroke, of: fn(&Part) -> f64| Line {
        name: name.into(),
        color,
        stroke,
        points: points(report, |part| Some(of(part))),
    };
    let mut lines = vec![
        line("accepted", BLUE, Stroke::Solid, |part| part.accepted_per_second),
        line("completed", GREEN, Stroke::Solid, |part| part.completed_per_second),
        line("mailed", RED, Stroke::Solid, |part| part.mailed_per_second),
    ];
    if report.parameters.rate_orders_per_second.is_some() {
        lines.insert(0, line("due", GREY, Stroke::Dashed, |part| part.due_per_second));
    }
    Panel { title: "Throughput", unit: "orders a second", scale: Scale::Linear, lines }
}

fn latency(report: &Report) -> Panel<'static> {
    type Of = fn(&Part) -> Option<Percentiles>;
    let spans: [(&str, RGBColor, Of); 3] = [
        ("accepted", BLUE, |part| part.due_to_accepted_ms),
        ("completed", GREEN, |part| part.accepted_to_completed_ms),
        ("mail", RED, |part| part.accepted_to_mail_ms),
    ];
    let mut lines = Vec::new();
    for (name, color, of) in spans {
        let line = |name: String, stroke, pick: fn(Percentiles) -> f64| Line {
            name,
            color,
            stroke,
            points: points(report, |part| of(part).map(pick)),
        };
        lines.push(line(format!("{name} p50"), Stroke::Solid, |ms| ms.p50));
        lines.push(line("p99".into(), Stroke::Dashed, |ms| ms.p99));
    }
    let unit = "accepted: from due; the others: from accepted";
    Panel { title: "Latency", unit, scale: Scale::Logarithmic, lines }
}

fn lag(report: &Report) -> Panel<'static> {
    let samples = &report.lag.samples;
    let at = |at: i64| (at as f64 / 1e6).min(report.duration_seconds);
    let mut lines = vec![Line {
        name: "all groups".into(),
        color: SKY,
        stroke: Stroke::Filled,
        points: samples.iter().map(|s| (at(s.at), s.total as f64)).collect(),
    }];
    let groups: std::collections::BTreeSet<&String> =
        samples.iter().flat_map(|sample| sample.groups.keys()).collect();
    for (group, color) in
        groups.into_iter().zip([RED, YELLOW, BLUE, GREEN, PURPLE, GREY].into_iter().cycle())
    {
        let lag = |sample: &super::lags::Sample| sample.groups.get(group).copied().unwrap_or(0);
        lines.push(Line {
            name: group.clone(),
            color,
            stroke: Stroke::Solid,
            points: samples.iter().map(|s| (at(s.at), lag(s) as f64)).collect(),
        });
    }
    Panel { title: "Lag", unit: "records not committed", scale: Scale::Linear, lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::tests::report;

    #[test]
    fn the_plot_says_what_was_measured_on_what_and_in_which_units() {
        let svg = svg(&report()).unwrap();
        for part in [
            "Orderline: 101 orders by HTTP, 50/s (open loop)",
            "Apache Kafka &lt;4.3.1&gt;: 1 node at 127.0.0.1:9092",
            "2026-01-02T03:04:05Z · orderline 0.1.0 (release) · 2 cores · 1 refused, 1 unfinished",
            "Throughput",
            "orders a second",
            "Latency",
            "accepted: from due; the others: from accepted",
            "completed p50",
            "p99",
            " ms",
            "Lag",
            "records not committed",
            "all groups",
            "email",
            "seconds since the start",
        ] {
            assert!(svg.contains(part), "{part} is not in the plot");
        }
        assert!(svg.contains(r##"fill="#FFFFFF""##), "the ground is white");
        assert!(!svg.contains("NaN") && svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn a_run_of_which_nothing_came_has_a_plot_too() {
        let mut report = report();
        report.series = crate::load::series::Series::of(&[], 1);
        report.lag.samples.clear();
        report.duration_seconds = 1e-6;
        assert!(svg(&report).unwrap().contains("Throughput"));
    }
}
