//! Where checks put findings: stamps the rule's id, severity and the confidence of the evidence.

use crate::finding::{Advice, Audience, Confidence, Finding, Fix, Label, Severity, Subject, Write};
use crate::rule::RuleSpec;
use crate::text::Span;

/// Collects the findings of one rule.
pub struct Sink<'s> {
    spec: &'s RuleSpec,
    subject: Option<Subject>,
    ceiling: Confidence,
    findings: Vec<Finding>,
}

impl<'s> Sink<'s> {
    /// For the findings of a rule.
    pub fn new(spec: &'s RuleSpec) -> Self {
        Self { spec, subject: None, ceiling: Confidence::High, findings: Vec::new() }
    }

    /// Findings from here on are about this subject and rest on evidence this good.
    pub(crate) fn enter(&mut self, subject: Option<Subject>, ceiling: Confidence) {
        self.subject = subject;
        self.ceiling = ceiling;
    }

    /// Reports an occurrence; the result may be refined.
    pub fn report(&mut self, span: Span, note: impl Into<String>, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding {
            rule: self.spec.id.clone(),
            severity: self.spec.severity,
            confidence: self.spec.confidence.min(self.ceiling),
            audience: self.spec.audience,
            advice: Advice::OfRule,
            message: message.into(),
            notes: Vec::new(),
            subject: self.subject,
            primary: Label::new(span, note),
            related: Vec::new(),
            trail: Vec::new(),
            fixes: Vec::new(),
            fingerprint: String::new(),
            cause: None,
            others: Vec::new(),
            repeats: Vec::new(),
        });
        self.findings.last_mut().expect("just pushed")
    }

    /// The findings.
    pub fn finish(self) -> Vec<Finding> {
        self.findings
    }
}

impl Finding {
    /// Adds a place that proves it, unless it is shown already.
    pub fn also(&mut self, span: Option<Span>, note: impl Into<String>) -> &mut Self {
        if let Some(span) = span {
            let known = self.primary.span == span || self.related.iter().any(|label| label.span == span);
            if !known {
                self.related.push(Label::new(span, note));
            }
        }
        self
    }

    /// Adds a fix of settings to write, if all of them can be named.
    pub(crate) fn fix(
        &mut self,
        title: impl Into<String>,
        safe: bool,
        writes: impl IntoIterator<Item = Option<Write>>,
    ) {
        if let Some(writes) = writes.into_iter().collect::<Option<Vec<Write>>>()
            && !writes.is_empty()
        {
            self.fixes.push(Fix::writes(title, safe, writes));
        }
    }

    /// Leaves it to those who want to hear more: information, without advice that would not help.
    pub(crate) fn only_to_know(&mut self) -> &mut Self {
        self.advice = Advice::None;
        self.pedantic()
    }

    /// Information for those who want to hear more.
    pub(crate) fn pedantic(&mut self) -> &mut Self {
        self.severity = Severity::Info;
        self.audience = self.audience.max(Audience::Pedantic);
        self
    }

    /// Advises something else than the rule does.
    pub(crate) fn advise(&mut self, advice: impl Into<String>) -> &mut Self {
        self.advice = Advice::Own(advice.into());
        self
    }

    /// Names what it has in common with others of its rule.
    pub(crate) fn because_of(&mut self, cause: impl Into<String>) -> &mut Self {
        self.cause = Some(cause.into());
        self
    }

    /// Lowers the confidence to that of an input.
    pub fn cap(&mut self, confidence: Confidence) -> &mut Self {
        self.confidence = self.confidence.min(confidence);
        self
    }
}
