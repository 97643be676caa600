//! Whether REST APIs are told of types of media that are no text, and so hand on bodies as the function meant them.

use super::resources::Reader;
use super::setting::Properties;
use crate::model::Verdict;
use crate::model::deployments::{Deploy, Details};

/// The list of an API and of the section that APIs inherit from.
const LIST: &str = "BinaryMediaTypes";
/// The same in a document.
const IN_DOCUMENT: &str = "x-amazon-apigateway-binary-media-types";

impl Reader<'_> {
    /// Tells the routes of an API.
    pub(crate) fn media(&self, deploy: &mut Deploy) {
        let serverless = match self.registry.type_name(self.id) {
            "AWS::ApiGateway::RestApi" => false,
            "AWS::Serverless::Api" => true,
            _ => return,
        };
        let document = if serverless { "DefinitionBody" } else { "Body" };
        let told = [&[LIST][..], &[document, IN_DOCUMENT]].iter().any(|path| self.properties.presence(path).is_some());
        let elsewhere =
            ["DefinitionUri", "BodyS3Location"].iter().any(|key| self.properties.presence(&[key]).is_some());
        let verdict = match (told, elsewhere) {
            (true, _) => Verdict::Yes,
            (false, true) => Verdict::Unknown,
            (false, false) if serverless => of_implicit(&self.properties),
            (false, false) => Verdict::No,
        };
        for trigger in &mut deploy.triggers {
            if let Details::Route(route) = &mut trigger.details
                && route.api == Some(self.id)
            {
                route.binary = verdict;
            }
        }
    }
}

/// Whether the API that a template implies is told of any: only `Globals` can (SAM specification, Globals section).
pub(crate) fn of_implicit(properties: &Properties<'_>) -> Verdict {
    let registry = properties.registry;
    let Some(start) = properties.start else { return Verdict::Unknown };
    let template = registry.template(start.template);
    // A part of a template is merged into one that may say more.
    if template.section("Transform").is_none() {
        return Verdict::Unknown;
    }
    let globals = template.section("Globals").and_then(|section| registry.get(start.to(section), "Api"));
    globals.and_then(|api| registry.get(api, LIST)).is_some().into()
}
