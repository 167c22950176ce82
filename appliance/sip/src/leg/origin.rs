use serde::{Deserialize, Serialize};

/// Numbers of the session descriptions that a leg sends: one session, a version that rises with each change
/// (RFC 3264 §8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Origin {
    session: u32,
    version: u64,
    /// The last description, numbers included; what we offer when the peer asks for our offer.
    last: Option<String>,
}

impl Origin {
    pub(super) fn new(session: u32) -> Self {
        Self { session, version: 0, last: None }
    }

    /// The description with our numbers in its `o=` line.
    pub(super) fn stamp(&mut self, sdp: &str) -> String {
        if let Some(last) = &self.last
            && self.numbered(sdp) == *last
        {
            return last.clone();
        }
        self.version += 1;
        let stamped = self.numbered(sdp);
        self.last = Some(stamped.clone());
        stamped
    }

    /// The last description sent.
    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    fn numbered(&self, sdp: &str) -> String {
        let lines = sdp.split_inclusive('\n').map(|line| match line.strip_prefix("o=") {
            Some(origin) => self.origin_line(origin),
            None => line.to_owned(),
        });
        lines.collect()
    }

    fn origin_line(&self, origin: &str) -> String {
        let fields: Vec<&str> = origin.split(' ').collect();
        let [user, _, _, rest @ ..] = fields.as_slice() else { return format!("o={origin}") };
        format!("o={user} {} {} {}", self.session, self.version, rest.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_rises_with_each_change_and_only_then() {
        let mut origin = Origin::new(7);
        let sdp = "v=0\r\no=tabellion 1 1 IN IP4 10.0.0.1\r\ns=-\r\n";
        assert_eq!(origin.stamp(sdp), "v=0\r\no=tabellion 7 1 IN IP4 10.0.0.1\r\ns=-\r\n");
        assert_eq!(origin.stamp(sdp), "v=0\r\no=tabellion 7 1 IN IP4 10.0.0.1\r\ns=-\r\n");
        assert!(origin.stamp(&sdp.replace("s=-", "s=x")).contains("o=tabellion 7 2 "));
        assert!(origin.last().unwrap().contains("s=x"));
    }
}
