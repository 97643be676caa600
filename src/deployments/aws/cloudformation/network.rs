//! What leads out of the subnets of the project: routes of their tables, and endpoints of services.

use super::eval::Value;
use super::resources::Reader;
use super::setting::{Found, Properties};
use super::template::{Place, Registry};
use crate::knowledge::Platforms;
use crate::model::Known;
use crate::model::deployments::{Deploy, ResourceId, Target, Text, Vpc};
use std::collections::{HashMap, HashSet};

/// Targets of a route that lead out of the VPC for a function, which has no public address: an internet gateway
/// (`GatewayId`) does not (AWS Lambda developer guide, internet access for VPC-connected functions).
const WAYS_OUT: &[&str] = &[
    "NatGatewayId",
    "TransitGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "CoreNetworkArn",
    "LocalGatewayId",
    "VpcEndpointId",
];

/// The subnets of `VpcConfig`.
pub(crate) fn vpc(properties: &Properties<'_>) -> Option<Vpc> {
    let span = properties.presence(&["VpcConfig"])?;
    let mut vpc = Vpc { span, subnets: Vec::new(), complete: false };
    let found = ["SubnetIds", "subnetIds"].iter().map(|key| properties.find(&["VpcConfig", key]));
    let Some(Found::At { place, .. }) = found.into_iter().find(|found| matches!(found, Found::At { .. })) else {
        return Some(vpc);
    };
    let registry = properties.registry;
    if let Value::Node(list) = registry.value(place) {
        let items: Vec<Place> = registry.items(list).collect();
        for &item in &items {
            if let Value::Text { text: Text::Attribute(id, _), .. } = registry.value(item) {
                vpc.subnets.push(id);
            }
        }
        vpc.complete = !items.is_empty() && vpc.subnets.len() == items.len();
    }
    Some(vpc)
}

/// Which subnets have a way out, for those whose route table is in the project.
pub(crate) fn read(registry: &Registry, limits: &Platforms, deploy: &mut Deploy) {
    let mut leads_out: HashSet<ResourceId> = HashSet::new();
    let mut tables: HashMap<ResourceId, ResourceId> = HashMap::new();
    for id in registry.ids() {
        let kind = registry.type_name(id);
        if !kind.starts_with("AWS::EC2::") {
            continue;
        }
        let reader = Reader::new(registry, limits, id);
        let properties = &reader.properties;
        let out = |route: &Properties<'_>| WAYS_OUT.iter().any(|way| route.presence(&[way]).is_some());
        match kind {
            "AWS::EC2::Route" => {
                if let (true, Some(table)) = (out(properties), resource(properties, "RouteTableId")) {
                    leads_out.insert(table);
                }
            }
            "AWS::EC2::RouteTable" => {
                for item in reader.list(&["Routes"]) {
                    if out(&Properties::at(registry, Some(item), reader.span)) {
                        leads_out.insert(id);
                    }
                }
            }
            "AWS::EC2::SubnetRouteTableAssociation" => {
                if let (Some(subnet), Some(table)) =
                    (resource(properties, "SubnetId"), resource(properties, "RouteTableId"))
                {
                    tables.insert(subnet, table);
                }
            }
            "AWS::EC2::VPCEndpoint" => {
                let name = match properties.value(&["ServiceName"]) {
                    Some((Value::Text { text: Text::Literal(name) | Text::Template(name, _), .. }, _)) => name,
                    // An endpoint of a service nobody can tell may be any.
                    _ => "*".to_owned(),
                };
                deploy.endpoints.push(name.rsplit('.').next().unwrap_or(&name).to_owned());
            }
            _ => {}
        }
    }
    deploy.ways_out = tables.into_iter().map(|(subnet, table)| (subnet, leads_out.contains(&table))).collect();
}

fn resource(properties: &Properties<'_>, key: &str) -> Option<ResourceId> {
    match properties.target(&[key]).value {
        Known::Is(target) => match target.value {
            Target::Resource(id) => Some(id),
            Target::External(_) => None,
        },
        _ => None,
    }
}
