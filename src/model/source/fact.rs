//! Facts by kind: a shelf for each, filled by collectors, settled all at once, asked by checks.

use super::{Phase, Site};
use crate::finding::Confidence;
use std::any::{Any, TypeId};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Something a program does at one place.
pub trait Fact: Any + Clone + Debug + Send + Sync {
    /// Where and when.
    fn site(&self) -> &Site;

    /// The same, for settling.
    fn site_mut(&mut self) -> &mut Site;

    /// What tells two facts of this kind at one place apart; most kinds have one fact a place.
    fn key(&self) -> &str {
        ""
    }
}

/// Facts of this kind have a field `site`, and one place has one of them.
macro_rules! facts {
    ($($kind:ty),+ $(,)?) => {$(
        impl $crate::model::source::Fact for $kind {
            fn site(&self) -> &$crate::model::source::Site {
                &self.site
            }

            fn site_mut(&mut self) -> &mut $crate::model::source::Site {
                &mut self.site
            }
        }
    )+};
}

pub(crate) use facts;

/// The facts of one kind, whatever it is.
trait Shelf: Any + Debug + Send + Sync {
    fn settle(&mut self);
    fn copy(&self) -> Box<dyn Shelf>;
}

impl<F: Fact> Shelf for Vec<F> {
    fn settle(&mut self) {
        self.sort_by(|a, b| order(a).cmp(&order(b)));
        self.dedup_by(|next, kept| {
            let again = (next.site().span, next.key()) == (kept.site().span, kept.key());
            if again && next.site().phase != kept.site().phase {
                let site = kept.site_mut();
                site.confidence = site.confidence.min(Confidence::Medium);
            }
            again
        });
    }

    fn copy(&self) -> Box<dyn Shelf> {
        Box::new(self.clone())
    }
}

fn order<F: Fact>(fact: &F) -> (crate::text::Span, &str, Reverse<Phase>) {
    (fact.site().span, fact.key(), Reverse(fact.site().phase))
}

/// Everything known of a program, by kind.
#[derive(Debug, Default)]
pub struct Facts {
    shelves: BTreeMap<TypeId, Box<dyn Shelf>>,
}

impl Facts {
    /// The facts of a kind; none if nothing was found.
    pub fn of<F: Fact>(&self) -> &[F] {
        let shelf = self.shelves.get(&TypeId::of::<F>());
        let shelf = shelf.and_then(|shelf| (shelf.as_ref() as &dyn Any).downcast_ref::<Vec<F>>());
        shelf.map_or(&[], Vec::as_slice)
    }

    /// Adds a fact.
    pub fn push<F: Fact>(&mut self, fact: F) {
        let shelf = self.shelves.entry(TypeId::of::<F>()).or_insert_with(|| Box::<Vec<F>>::default());
        if let Some(shelf) = (shelf.as_mut() as &mut dyn Any).downcast_mut::<Vec<F>>() {
            shelf.push(fact);
        }
    }

    /// Puts every kind into the order of the source, each place once.
    ///
    /// A helper that init and invocations both reach is seen once in each phase. It is kept as part of the
    /// invocation, with less confidence:
    ///
    /// ```text
    /// fn table() -> String { env::var("TABLE").unwrap() }     // called by main and by the handler
    ///
    /// found    TABLE 4:24 init high, TABLE 4:24 invoke high
    /// settled  TABLE 4:24 invoke medium
    /// ```
    pub fn settle(&mut self) {
        self.shelves.values_mut().for_each(|shelf| shelf.settle());
    }
}

impl Clone for Facts {
    fn clone(&self) -> Self {
        Self { shelves: self.shelves.iter().map(|(kind, shelf)| (*kind, shelf.as_ref().copy())).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Confidence, Fact, Facts, Phase, Site};
    use crate::text::{SourceMap, Span};

    #[derive(Debug, Clone)]
    struct Seen {
        name: &'static str,
        site: Site,
    }

    impl Fact for Seen {
        fn site(&self) -> &Site {
            &self.site
        }

        fn site_mut(&mut self) -> &mut Site {
            &mut self.site
        }

        fn key(&self) -> &str {
            self.name
        }
    }

    #[test]
    fn each_place_is_kept_once_in_the_order_of_the_source() {
        let file = SourceMap::default().add("main.rs", "".into());
        let seen = |name, start, phase| {
            let span = Span::new(file, start, start + 1);
            let (confidence, trail) = (Confidence::High, Vec::new());
            Seen {
                name,
                site: Site { span, phase, confidence, in_loop: false, conditional: false, trail, entered_at: None },
            }
        };
        let mut facts = Facts::default();
        for (name, start, phase) in [
            ("b", 7, Phase::Init),
            ("a", 7, Phase::Init),
            ("b", 7, Phase::Invoke),
            ("c", 2, Phase::Invoke),
            ("c", 2, Phase::Invoke),
        ] {
            facts.push(seen(name, start, phase));
        }
        facts.settle();
        let found: Vec<_> =
            facts.of::<Seen>().iter().map(|fact| (fact.name, fact.site.phase, fact.site.confidence)).collect();
        assert_eq!(
            found,
            [
                ("c", Phase::Invoke, Confidence::High),
                ("a", Phase::Init, Confidence::High),
                ("b", Phase::Invoke, Confidence::Medium),
            ]
        );
    }
}
