//! Cost over volume as a picture: both axes logarithmic, the break-even marked. No script, no font, no date: the same
//! numbers make the same bytes.

use super::words::{dollars, short};
use crate::exact::Exact;
use crate::report::clean::clean;
use crate::verdicts::cost::curve::{Crossing, Curve, Plot};
use std::fmt::Write as _;
use std::io::{self, Write};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 520.0;
/// Where the lines are drawn.
const LEFT: f64 = 88.0;
const RIGHT: f64 = 640.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 448.0;
/// Pixels a character takes, on average, in the fonts browsers have.
const CHARACTER: f64 = 7.0;
/// Pixels between the labels of lines.
const LABEL: f64 = 18.0;

/// The colours of lines that grow, then of those that do not.
const GROWING: [&str; 2] = ["#c25700", "#e0a458"];
const STANDING: [&str; 4] = ["#1f5fbf", "#2b7a35", "#5b3cc4", "#a3266b"];

/// A logarithmic axis between two powers of ten.
struct Axis {
    from: i32,
    to: i32,
    start: f64,
    end: f64,
}

impl Axis {
    fn at(&self, power: f64) -> f64 {
        let part = (power - f64::from(self.from)) / f64::from((self.to - self.from).max(1));
        self.start + part.clamp(0.0, 1.0) * (self.end - self.start)
    }
}

/// The power of ten of a number that is only drawn.
fn power(number: &Exact) -> f64 {
    number.places(6).parse::<f64>().map_or(0.0, |number| number.max(1e-6).log10())
}

/// Writes the picture.
///
/// # Errors
/// If the writer fails.
pub fn write(plot: &Plot, to: &mut dyn Write) -> io::Result<()> {
    let all = || plot.curves.iter().flat_map(|curve| &curve.points);
    let over = |of: fn(&(Exact, Exact)) -> &Exact| {
        let powers: Vec<f64> = all().map(|point| power(of(point))).collect();
        let least = powers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = powers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if powers.is_empty() { (0, 1) } else { (least.floor() as i32, (most - 1e-9).ceil() as i32) }
    };
    let (from, last) = over(|point| &point.0);
    let x = Axis { from, to: last.max(from + 1), start: LEFT, end: RIGHT };
    let (from, last) = over(|point| &point.1);
    // Below a cent nobody looks.
    let from = from.max(-2);
    let y = Axis { from, to: last.max(from + 1), start: BOTTOM, end: TOP };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {HEIGHT:.0}\" width=\"{WIDTH:.0}\" \
         height=\"{HEIGHT:.0}\" role=\"img\" font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, \
         sans-serif\">\n<title>{}: cost of a month over its requests</title>",
        escape(&clean(&plot.title))
    );
    out.push_str(STYLE);
    let _ = writeln!(out, "<rect width=\"{WIDTH:.0}\" height=\"{HEIGHT:.0}\" class=\"paper\"/>");
    let _ = writeln!(out, "<text x=\"{LEFT:.2}\" y=\"34\" class=\"title\">{}</text>", escape(&clean(&plot.title)));
    axes(&x, &y, &mut out);
    let shown = |(asked, _): &&(Exact, Exact)| (x.from..x.to).contains(&(power(asked).floor() as i32));
    let asked = plot.asked.as_ref().filter(shown);
    if let Some((requests, usd)) = asked {
        let (across, up) = (x.at(power(requests)), y.at(power(usd)));
        let _ = writeln!(
            out,
            "<path d=\"M{across:.2} {up:.2}V{BOTTOM:.2}M{across:.2} {up:.2}H{LEFT:.2}\" class=\"asked\"/>"
        );
    }
    let colored: Vec<(&Curve, &str)> = colors(&plot.curves);
    for (curve, color) in &colored {
        line(curve, color, &x, &y, &mut out);
    }
    labels(&colored, &y, &mut out);
    let mut words = Words::default();
    if let Some((requests, usd)) = asked {
        let (across, up) = (x.at(power(requests)), y.at(power(usd)));
        let text = format!("{} requests cost {}", rounded(requests), dollars(usd));
        // Near the right edge the lines that grow lie under the words; above them there is room.
        let fits = across + 20.0 + text.chars().count() as f64 * CHARACTER <= RIGHT - 8.0;
        let beside = if fits { (20.0, 34.0) } else { (-20.0, -34.0) };
        words.say((across, up), beside, "dot", &text, &mut out);
    }
    crossings(&plot.crossings, &x, &y, &mut words, &mut out);
    out.push_str("</svg>\n");
    to.write_all(out.as_bytes())
}

const STYLE: &str = "<style>\
.paper{fill:#fff}text{fill:#1b1f24;font-size:13px}.title{font-size:16px;font-weight:600}\
.small{font-size:12px;fill:#57606a}.grid{fill:none;stroke:#d8dee4;stroke-width:1}.fine{stroke:#eef1f4}\
.frame{fill:none;stroke:#57606a;stroke-width:1.2}.line{fill:none;stroke-width:2.4;stroke-linejoin:round}\
.asked{fill:none;stroke:#57606a;stroke-dasharray:3 4}.lead{fill:none;stroke:#8c959f;stroke-width:1}\
.even{fill:#fff;stroke:#1b1f24;stroke-width:2}.dot{fill:#1b1f24}.said{paint-order:stroke;stroke:#fff;stroke-width:4px}\
</style>\n";

fn colors(curves: &[Curve]) -> Vec<(&Curve, &'static str)> {
    let (mut growing, mut standing) = (GROWING.iter().cycle(), STANDING.iter().cycle());
    let color = |curve: &Curve| {
        let colors = if curve.steps { &mut standing } else { &mut growing };
        colors.next().copied().unwrap_or("#57606a")
    };
    let colors: Vec<&str> = curves.iter().map(color).collect();
    curves.iter().zip(colors).collect()
}

fn axes(x: &Axis, y: &Axis, out: &mut String) {
    let mut fine = String::new();
    for decade in x.from..x.to {
        for step in 2..10 {
            let _ = write!(fine, "M{:.2} {TOP:.2}V{BOTTOM:.2}", x.at(f64::from(decade) + f64::from(step).log10()));
        }
    }
    for decade in y.from..y.to {
        for step in 2..10 {
            let _ = write!(fine, "M{LEFT:.2} {:.2}H{RIGHT:.2}", y.at(f64::from(decade) + f64::from(step).log10()));
        }
    }
    let _ = writeln!(out, "<path d=\"{fine}\" class=\"grid fine\"/>");
    for decade in x.from..=x.to {
        let at = x.at(f64::from(decade));
        let _ = writeln!(
            out,
            "<path d=\"M{at:.2} {TOP:.2}V{BOTTOM:.2}\" class=\"grid\"/><text x=\"{at:.2}\" y=\"{:.2}\" \
             text-anchor=\"middle\">{}</text>",
            BOTTOM + 20.0,
            count(decade)
        );
    }
    for decade in y.from..=y.to {
        let at = y.at(f64::from(decade));
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT:.2} {at:.2}H{RIGHT:.2}\" class=\"grid\"/><text x=\"{:.2}\" y=\"{:.2}\" \
             text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            at + 4.5,
            money(decade)
        );
    }
    let _ = writeln!(
        out,
        "<rect x=\"{LEFT:.2}\" y=\"{TOP:.2}\" width=\"{:.2}\" height=\"{:.2}\" class=\"frame\"/><text x=\"{:.2}\" \
         y=\"{:.2}\" text-anchor=\"middle\">requests a month</text><text transform=\"translate(22 {:.2}) rotate(-90)\" \
         text-anchor=\"middle\">US dollars a month</text>",
        RIGHT - LEFT,
        BOTTOM - TOP,
        (LEFT + RIGHT) / 2.0,
        BOTTOM + 46.0,
        (TOP + BOTTOM) / 2.0
    );
}

/// A power of ten as people say it: `100k`, `1M`, `1B`.
fn count(decade: i32) -> String {
    let (unit, below) = match decade {
        9.. => ("B", 9),
        6..=8 => ("M", 6),
        3..=5 => ("k", 3),
        _ => ("", 0),
    };
    let digits = 10u64.checked_pow(u32::try_from(decade - below).unwrap_or(0)).unwrap_or(1);
    format!("{digits}{unit}")
}

/// The same of dollars: `$0.10`, `$1,000`.
fn money(decade: i32) -> String {
    match u32::try_from(decade) {
        Ok(power) => format!("${}", Exact::from(10u64.checked_pow(power).unwrap_or(1)).grouped(0)),
        Err(_) => format!("${:.*}", 2.max(decade.unsigned_abs() as usize), 10f64.powi(decade)),
    }
}

fn line(curve: &Curve, color: &str, x: &Axis, y: &Axis, out: &mut String) {
    let mut path = String::new();
    let mut last: Option<f64> = None;
    for (requests, usd) in &curve.points {
        if power(usd) < f64::from(y.from) {
            continue;
        }
        let (across, up) = (x.at(power(requests)), y.at(power(usd)));
        match last {
            None => {
                let _ = write!(path, "M{across:.2} {up:.2}");
            }
            // A machine more: straight up.
            Some(before) if curve.steps => {
                let _ = write!(path, "H{across:.2}");
                if (before - up).abs() > 0.005 {
                    let _ = write!(path, "V{up:.2}");
                }
            }
            Some(_) => {
                let _ = write!(path, "L{across:.2} {up:.2}");
            }
        }
        last = Some(up);
    }
    let _ = writeln!(out, "<path d=\"{path}\" class=\"line\" stroke=\"{color}\"/>");
}

/// The names of lines where they end, pushed apart.
fn labels(curves: &[(&Curve, &str)], y: &Axis, out: &mut String) {
    let end = |curve: &Curve| curve.points.last().map_or(BOTTOM, |(_, usd)| y.at(power(usd)));
    let mut ends: Vec<(f64, &Curve, &str)> = curves.iter().map(|(curve, color)| (end(curve), *curve, *color)).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut least = TOP + 4.0;
    for (up, curve, color) in ends {
        let at = up.max(least);
        least = at + LABEL;
        let usd = curve.points.last().map_or_else(String::new, |(_, usd)| dollars(usd));
        let _ = writeln!(
            out,
            "<path d=\"M{RIGHT:.2} {up:.2}L{:.2} {at:.2}\" class=\"lead\"/><text x=\"{:.2}\" y=\"{:.2}\" \
             style=\"fill:{color}\">{} {usd}</text>",
            RIGHT + 12.0,
            RIGHT + 16.0,
            at + 4.5,
            escape(&clean(&curve.name))
        );
    }
}

/// Where lines meet, each with what it says.
fn crossings(all: &[Crossing], x: &Axis, y: &Axis, words: &mut Words, out: &mut String) {
    let mut sorted: Vec<&Crossing> = all.iter().collect();
    sorted.sort_by(|a, b| a.requests.cmp(&b.requests));
    for crossing in sorted {
        let power_of_requests = power(&crossing.requests);
        if power_of_requests < f64::from(x.from) || power_of_requests > f64::from(x.to) {
            continue;
        }
        let (across, up) = (x.at(power_of_requests), y.at(power(&crossing.usd)));
        let text = format!("break-even with {}: {}", crossing.name, rounded(&crossing.requests));
        words.say((across, up), (-26.0, -30.0), "even", &text, out);
    }
}

/// Words beside places, none over another.
#[derive(Default)]
struct Words {
    /// First and last pixel across, and the line they stand on.
    taken: Vec<(f64, f64, f64)>,
}

impl Words {
    /// A place with words beside it, which stay inside the frame.
    fn say(&mut self, (across, up): (f64, f64), (dx, dy): (f64, f64), class: &str, text: &str, out: &mut String) {
        let width = text.chars().count() as f64 * CHARACTER;
        let start = if dx < 0.0 { across + dx - width } else { across + dx };
        let start = start.min(RIGHT - 8.0 - width).max(LEFT + 8.0);
        let mut line = up + dy;
        let meets = |line: f64, (from, to, other): &(f64, f64, f64)| {
            start < *to && *from < start + width && (line - other).abs() < LABEL
        };
        while self.taken.iter().any(|other| meets(line, other)) {
            line += LABEL * dy.signum();
        }
        self.taken.push((start, start + width, line));
        // The lead meets the words from the side of the place.
        let foot = if dy < 0.0 { line + 5.0 } else { line - 12.0 };
        let to = (across + dx).clamp(start, start + width);
        let _ = writeln!(
            out,
            "<path d=\"M{across:.2} {up:.2}L{to:.2} {foot:.2}\" class=\"lead\"/><circle cx=\"{across:.2}\" \
             cy=\"{up:.2}\" r=\"5\" class=\"{class}\"/><text x=\"{start:.2}\" y=\"{line:.2}\" class=\"said\">{}</text>",
            escape(&clean(text))
        );
    }
}

/// A number of requests without a digit that says nothing.
fn rounded(number: &Exact) -> String {
    short(number).replace(".0", "")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
