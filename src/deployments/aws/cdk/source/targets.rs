//! Functions that other services invoke by what is added to those services: load balancers, GraphQL APIs, log groups,
//! pipes.

use super::deliveries::first;
use super::machine::Machine;
use super::value::{Args, ConstructId, Kind, Map, Value};
use crate::text::Span;

impl Machine<'_, '_> {
    /// The function of a target of a load balancer.
    fn balanced(&mut self, targets: &Value) {
        for target in targets.items().unwrap_or_default() {
            let Kind::Made(made) = &target.kind else { continue };
            if &*made.path != "elasticloadbalancingv2targets.LambdaTarget" {
                continue;
            }
            if let Some(function) = first(made) {
                self.invoked_by(&function, "elasticloadbalancing.amazonaws.com", target.span);
            }
        }
    }

    /// A target group with what it is made with.
    pub(crate) fn target_group(&mut self, props: &Value) {
        if let Some(targets) = props.property("targets") {
            self.balanced(&targets);
        }
    }

    /// A method of something that invokes functions; none if it is not one.
    pub(crate) fn target_method(
        &mut self,
        id: ConstructId,
        class: &str,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Option<Value> {
        match (class.split('.').next().unwrap_or_default(), name) {
            ("elasticloadbalancingv2", "addTargets") => {
                let props = args.props(1, span);
                self.target_group(&props);
            }
            ("elasticloadbalancingv2", "addTarget") => {
                for target in &args.items {
                    self.balanced(&Value::list(vec![target.clone()], span));
                }
            }
            ("appsync", "addLambdaDataSource") => {
                let function = args.at(1, "lambdaFunction")?;
                let function = self.plain(&function, 0);
                let mut properties = Map::default();
                properties.set_path("LambdaConfig.LambdaFunctionArn", span, function);
                let made = self.below(id, "LambdaDataSource", "AWS::AppSync::DataSource", properties, span);
                return Some(Value::new(Kind::Construct(made), span));
            }
            ("logs", "addSubscriptionFilter") => {
                let props = args.props(1, span);
                let mut properties = self.written("logs.SubscriptionFilter", &props, span);
                properties.set_path("LogGroupName", span, Value::new(Kind::Construct(id), span));
                self.below(id, "SubscriptionFilter", "AWS::Logs::SubscriptionFilter", properties, span);
            }
            _ => return None,
        }
        Some(Value::null(span))
    }
}
