//! One diagram: title and legend above, lines over time below.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::ticks;

pub(super) const TEXT: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const FAINT: RGBColor = RGBColor(0x77, 0x77, 0x77);
const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
const FONT: &str = "sans-serif";
/// Height of what is above the diagram.
const HEAD: i32 = 34;
/// Width of a letter, as part of its height: viewers have fonts of their own, this is about right.
const LETTER: f64 = 0.47;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stroke {
    Solid,
    Dashed,
    /// Solid, and filled down to the axis.
    Filled,
}

/// A line of the diagram and of its legend.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) color: RGBColor,
    pub(super) stroke: Stroke,
    /// Seconds, value.
    pub(super) points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Scale {
    Linear,
    /// Of milliseconds.
    Logarithmic,
}

pub(super) struct Panel<'a> {
    pub(super) title: &'a str,
    pub(super) unit: &'a str,
    pub(super) scale: Scale,
    pub(super) lines: Vec<Line>,
}

/// Text of this size in pixels, as viewers show it.
pub(super) fn font(size: i32, color: RGBColor) -> TextStyle<'static> {
    let mut style = TextStyle::from((FONT, f64::from(size) * 1.24));
    style.color = color.to_backend_color();
    style
}

pub(super) fn bold(mut style: TextStyle<'_>) -> TextStyle<'_> {
    style.font = style.font.style(FontStyle::Bold);
    style
}

impl Panel<'_> {
    /// `until` is the last second; at `marked` all orders had been sent.
    pub(super) fn draw(&self, area: &Area<'_>, until: f64, marked: f64) -> anyhow::Result<()> {
        let (head, body) = area.split_vertically(HEAD);
        self.legend(&head)?;
        let ticks = self.ticks();
        let (low, high) = (self.y(ticks[0]), self.y(ticks[ticks.len() - 1]));
        let x = Axis { range: 0.0..until, ticks: ticks::linear(until, 12) };
        let y = Axis { range: low..high, ticks: ticks.iter().map(|tick| self.y(*tick)).collect() };
        let mut chart = ChartBuilder::on(&body)
            .margin_right(28)
            .margin_top(4)
            .margin_bottom(6)
            .x_label_area_size(34)
            .y_label_area_size(82)
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(FAINT)
            .label_style(font(12, TEXT))
            .x_label_formatter(&|second| ticks::number(*second))
            .y_label_formatter(&|value| match self.scale {
                Scale::Linear => ticks::number(*value),
                Scale::Logarithmic => ticks::millis(10_f64.powf(*value)),
            })
            .x_desc("seconds since the start")
            .axis_desc_style(font(12, FAINT))
            .draw()?;
        let mark = [(marked.min(until), low), (marked.min(until), high)];
        chart.draw_series(DashedLineSeries::new(mark, 2, 4, FAINT.into()))?;
        let beside =
            Pos::new(if marked < until * 0.85 { HPos::Left } else { HPos::Right }, VPos::Top);
        let words =
            if marked < until * 0.85 { "\u{a0}last order sent" } else { "last order sent\u{a0}" };
        let said = font(11, FAINT).pos(beside);
        chart.draw_series([Text::new(words, (marked.min(until), high), said)])?;
        for line in self.lines.iter().filter(|line| !line.points.is_empty()) {
            let points = line.points.iter().map(|(x, y)| (*x, self.y(*y).clamp(low, high)));
            let style = line.color.stroke_width(2);
            match line.stroke {
                Stroke::Solid => chart.draw_series(LineSeries::new(points, style))?,
                Stroke::Dashed => chart.draw_series(DashedLineSeries::new(points, 5, 4, style))?,
                Stroke::Filled => {
                    let fill = AreaSeries::new(points, low, line.color.mix(0.18));
                    chart.draw_series(fill.border_style(style))?
                }
            };
        }
        Ok(())
    }

    /// From the right to the left, in the order of the lines.
    fn legend(&self, head: &Area<'_>) -> anyhow::Result<()> {
        let (width, _) = head.dim_in_pixel();
        let middle = 18;
        let at = |h| Pos::new(h, VPos::Center);
        let title = bold(font(15, TEXT)).pos(at(HPos::Left));
        head.draw_text(self.title, &title, (20, middle))?;
        let after = 20 + (self.title.chars().count() as f64 * 15.0 * 0.62) as i32 + 8;
        head.draw_text(self.unit, &font(12, FAINT).pos(at(HPos::Left)), (after, middle))?;
        let mut right = width as i32 - 28;
        for line in self.lines.iter().rev() {
            let text = font(12, TEXT).pos(at(HPos::Left));
            right -= (line.name.chars().count() as f64 * 12.0 * LETTER * 1.24) as i32;
            head.draw_text(&line.name, &text, (right, middle))?;
            let sample = [(right - 30, middle), (right - 6, middle)];
            let style = line.color.stroke_width(3);
            if line.stroke == Stroke::Dashed {
                for start in [right - 30, right - 21, right - 12] {
                    head.draw(&PathElement::new([(start, middle), (start + 6, middle)], style))?;
                }
            } else {
                head.draw(&PathElement::new(sample, style))?;
            }
            right -= 50;
        }
        Ok(())
    }

    fn ticks(&self) -> Vec<f64> {
        let values = || self.lines.iter().flat_map(|line| &line.points).map(|point| point.1);
        let most = values().fold(0.0, f64::max);
        match self.scale {
            Scale::Linear => ticks::linear(most.max(1.0) * 1.05, 5),
            Scale::Logarithmic => {
                let least = values().filter(|value| *value > 0.0).fold(f64::MAX, f64::min);
                ticks::logarithmic(least.clamp(0.1, 1_000.0), most.max(1.0))
            }
        }
    }

    /// Where a value is on the axis.
    fn y(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Logarithmic => value.max(1e-6).log10(),
        }
    }
}
