//! Cost over volume, for drawing: samples of what the exact model says.

use super::compare::{break_even, capacity, machine_month};
use super::project::ProjectCost;
use super::{Architecture, Workload, fleet};
use crate::exact::Exact;
use crate::knowledge::{Machine, machines};

/// Samples between a power of ten and the next.
const PER_DECADE: u32 = 24;
/// Powers of ten that are shown.
const DECADES: (u32, u32) = (5, 9);

/// A line of a plot.
#[derive(Debug, Clone)]
pub struct Curve {
    /// What it is.
    pub name: String,
    /// Requests of a month and US dollars.
    pub points: Vec<(Exact, Exact)>,
    /// Whether it changes in steps: so many machines.
    pub steps: bool,
}

/// A place where two lines meet.
#[derive(Debug, Clone)]
pub struct Crossing {
    /// Requests of a month.
    pub requests: Exact,
    /// US dollars.
    pub usd: Exact,
    /// What costs the same there.
    pub name: String,
}

/// What is drawn.
#[derive(Debug, Clone, Default)]
pub struct Plot {
    /// Its title.
    pub title: String,
    /// Lines.
    pub curves: Vec<Curve>,
    /// Where they meet.
    pub crossings: Vec<Crossing>,
    /// The volume that is asked about, and what it costs.
    pub asked: Option<(Exact, Exact)>,
}

/// Volumes at even distances on a logarithmic axis.
fn volumes() -> Vec<Exact> {
    // Whole numbers that are near enough: `10 ^ (at / PER_DECADE)` needs no more than six digits.
    let at = |step: u32| {
        let power = f64::from(step) / f64::from(PER_DECADE);
        Exact::from(10f64.powf(power).round() as u64)
    };
    (DECADES.0 * PER_DECADE..=DECADES.1 * PER_DECADE).map(at).collect()
}

/// The machines that plots show.
fn drawn() -> impl Iterator<Item = &'static Machine> {
    machines().iter().filter(|machine| machine.drawn)
}

/// A workload over its volume.
pub fn of_workload(workload: &Workload, peak: &Exact) -> Plot {
    let volumes = volumes();
    let mut plot = Plot {
        title: format!(
            "AWS Lambda, {} MB, {} ms, {}",
            workload.memory_mb,
            workload.duration_ms.places(0),
            workload.region
        ),
        asked: workload.cost(false).map(|usd| (workload.requests.clone(), usd)),
        ..Plot::default()
    };
    for architecture in [Architecture::X86, Architecture::Arm] {
        let workload = Workload { architecture, ..workload.clone() };
        let point = |requests: &Exact| Some((requests.clone(), workload.with_requests(requests.clone()).cost(false)?));
        let points: Option<Vec<_>> = volumes.iter().map(point).collect();
        if let Some(points) = points {
            plot.curves.push(Curve { name: format!("Lambda {}", architecture.as_str()), points, steps: false });
        }
    }
    for machine in drawn() {
        let Some(month) = machine_month(machine, &workload.region) else { continue };
        let carries = capacity(machine, workload, peak);
        let each = carries.burst.clone().min(carries.sustained.clone());
        if each <= Exact::zero() {
            continue;
        }
        let machines = |requests: &Exact| (requests / &each).ceil().max(Exact::from(1));
        let points = volumes.iter().map(|requests| (requests.clone(), &machines(requests) * &month)).collect();
        plot.curves.push(Curve { name: machine.name.clone(), points, steps: true });
        if let Some(even) = break_even(workload, &month, false).filter(|even| *even <= carries.burst) {
            plot.crossings.push(Crossing { requests: even, usd: month, name: machine.name.clone() });
        }
    }
    plot
}

/// A project over its volume, its functions in the proportion of their traffic; none if no load is known.
pub fn of_project(cost: &ProjectCost) -> Option<Plot> {
    let need = fleet::need(cost)?;
    let region = need.region.clone()?;
    let volumes = volumes();
    let times = |requests: &Exact| requests / &need.requests;
    let point = |requests: &Exact| Some((requests.clone(), fleet::lambda_at(cost, &times(requests))?));
    let points: Option<Vec<_>> = volumes.iter().map(point).collect();
    let mut plot = Plot {
        title: format!("All functions with their traffic, {region}"),
        asked: Some((need.requests.clone(), need.lambda_usd.clone())),
        ..Plot::default()
    };
    plot.curves.push(Curve { name: "Lambda".to_owned(), points: points?, steps: false });
    let beside = fleet::beside(cost);
    for machine in drawn().filter(|machine| beside.iter().any(|one| one.machine.name == machine.name)) {
        let at =
            |requests: &Exact| Some((requests.clone(), fleet::machines_at(cost, machine, &region, &times(requests))?));
        let points: Option<Vec<_>> = volumes.iter().map(at).collect();
        plot.curves.push(Curve { name: machine.name.clone(), points: points?, steps: true });
        let even = beside.iter().find(|one| one.machine.name == machine.name && one.stands);
        if let (Some(requests), Some(usd)) =
            (even.and_then(|one| one.break_even.clone()), machine_month(machine, &region))
        {
            plot.crossings.push(Crossing { requests, usd, name: machine.name.clone() });
        }
    }
    Some(plot)
}
