//! What a resource costs while it exists; `rules/data/standing-costs.yaml` says which do.

use super::resources::Reader;
use crate::knowledge::standing_costs;
use crate::model::deployments::{Deploy, Standing};
use crate::model::{Known, Setting};
use crate::text::Spanned;

impl Reader<'_> {
    /// Adds what the resource costs while it exists.
    pub(crate) fn standing(&self, deploy: &mut Deploy) {
        let Some(rows) = standing_costs().get(self.registry.type_name(self.id)) else { return };
        for row in rows {
            let split = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
            let certain = match &row.when {
                None => Known::Is(Spanned::new(true, self.span)),
                Some(when) => {
                    let path = split(&when.property);
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    let value = self.properties.text(&path, when.default.as_deref()).value;
                    value.and_then(|word| Ok(when.is.iter().any(|known| known.eq_ignore_ascii_case(&word))))
                }
            };
            if certain.one() == Some(&false) || matches!(certain, Known::Absent) {
                continue;
            }
            let count = match &row.count {
                None => Setting::platform_default(1, self.span),
                Some(count) => {
                    let path = split(&count.property);
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    self.properties.int(&path, count.default)
                }
            };
            deploy.standing.push(Standing {
                resource: self.id,
                kind: row.kind.clone(),
                price: row.price.clone(),
                hourly: row.hourly,
                count,
                certain,
            });
        }
    }
}
