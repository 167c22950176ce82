use tabellion_domain::settings::{Accent, Support};

/// In whose name a paper is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brand {
    /// The service's name.
    pub service: String,
    /// Its colour. It fills areas and never colours text, since not every colour reads on white (WCAG 2.2, 1.4.3).
    pub accent: Accent,
    /// Whom a reader with a question turns to; what is empty is left out.
    pub support: Support,
}

impl Brand {
    /// The support on one line.
    pub(crate) fn contact(&self) -> String {
        let Support { name, phone, email, hours } = &self.support;
        let known = [name, phone, email, hours].into_iter().filter(|part| !part.is_empty());
        known.map(String::as_str).collect::<Vec<_>>().join(" · ")
    }
}
