//! What findings cost, where the numbers are known: list prices of the region that a function is deployed to, and where
//! no file says which that is, of the region that calculators begin with. The region is always named.

use crate::exact::Exact;
use crate::knowledge::price;
use crate::model::Project;
use crate::model::deployments::FunctionId;
use crate::verdicts::cost::{
    Architecture, DEFAULT_REGION, HOURS_OF_A_MONTH, SECONDS_OF_A_MONTH, logs, worthwhile_utilisation,
};

/// Invocations that amounts are for.
const MILLION: u64 = 1_000_000;

/// What prices of a function are looked up with.
pub(crate) struct Rates<'p> {
    region: &'p str,
    memory_mb: Option<u64>,
    architecture: Option<Architecture>,
    /// Whether some of its environments are kept ready, and billed otherwise.
    kept: bool,
}

impl<'p> Rates<'p> {
    /// Those of a function; none if it is not one of AWS Lambda.
    pub(crate) fn of(project: &'p Project, id: FunctionId) -> Option<Self> {
        let deploy = &project.deploy;
        let function = deploy.function(id);
        function.aws()?;
        let region = deploy.stack(deploy.resource(function.resource).stack).region.as_ref();
        let architecture = function.architecture.one().map(|word| match word.as_str() {
            "arm64" => Architecture::Arm,
            _ => Architecture::X86,
        });
        Some(Self {
            region: region.map_or(DEFAULT_REGION, |region| region.name.as_str()),
            memory_mb: function.memory_mb.one().and_then(|&memory| u64::try_from(memory).ok()),
            architecture,
            kept: deploy.provisioned(id).next().is_some(),
        })
    }

    /// What milliseconds of doing nothing cost.
    pub(crate) fn waiting(&self, millis: i64) -> Option<String> {
        let (memory, architecture) = (self.memory_mb?, self.architecture?);
        let seconds = Exact::fraction(u64::try_from(millis).ok().filter(|_| !self.kept)?, 1000);
        let idle = &(&Exact::from(MILLION) * &seconds) * &Exact::fraction(memory, 1024);
        let usd = price(&format!("lambda-duration-{}", architecture.as_str()))?.cost(self.region, &idle)?;
        let text = seconds.places(3);
        let seconds = text.trim_end_matches('0').trim_end_matches('.');
        Some(format!(
            "waiting {seconds} s with {memory} MB costs ${} for a million invocations in {}",
            usd.grouped(2),
            self.region
        ))
    }

    /// What lines in the log cost.
    pub(crate) fn logged(&self) -> Option<String> {
        let usd = logs(self.region, &Exact::from(MILLION), 1024)?;
        Some(format!("a million lines of 1 KB cost ${} in {}", usd.places(2), self.region))
    }

    /// What a way out of a VPC costs.
    pub(crate) fn nat_gateway(&self) -> Option<String> {
        let month = price("nat-gateway-hour")?.cost(self.region, &Exact::from(HOURS_OF_A_MONTH))?;
        let data = price("nat-gateway-data")?.first(self.region)?;
        let data = data.places(3);
        Some(format!("a NAT gateway costs ${} a month in {} and ${data} for each GB", month.places(2), self.region))
    }

    /// What keeping environments ready costs, and from which load on it is cheaper than starting them on demand.
    pub(crate) fn kept(&self, environments: i64) -> Option<String> {
        let (memory, architecture) = (self.memory_mb?, self.architecture?);
        let ready = &Exact::from(u64::try_from(environments).ok()?) * &Exact::from(SECONDS_OF_A_MONTH);
        let ready = &ready * &Exact::fraction(memory, 1024);
        let month = price(&format!("lambda-provisioned-{}", architecture.as_str()))?.cost(self.region, &ready)?;
        let region = self.region;
        // Where the price of their requests is not known, neither is the load.
        price(&format!("lambda-provisioned-duration-{}", architecture.as_str()))?.first(region)?;
        let busy = worthwhile_utilisation(region, architecture).filter(|busy| *busy < Exact::from(1));
        let pays = match busy {
            Some(busy) => {
                let percent = (busy * Exact::from(100)).places(0);
                format!("it is cheaper than on demand only above {percent} % of the time busy")
            }
            None => "there it is never cheaper than on demand, however busy they are".to_owned(),
        };
        Some(format!(
            "keeping {environments} × {memory} MiB warm costs ${} a month in {region}, used or not; {pays}",
            month.grouped(2)
        ))
    }
}
