use super::{Refusal, setup::Answers};
use serde::{Deserialize, Serialize};

/// The ports that the box answers on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    /// TCP: the web pages. 443.
    pub https: u16,
    /// TCP: the guests' pages, and nothing else. None: they are where the others are.
    pub guests: Option<u16>,
    /// UDP and TCP: SIP. 5060.
    pub sip: u16,
    /// TCP: SIP over TLS. 5061.
    pub sips: u16,
    /// UDP: the browsers' media. 7000.
    pub media: u16,
    /// First UDP port of room systems' media: even, each RTP port has its RTCP port above (RFC 3550 §11). 20000.
    pub rtp_from: u16,
    /// Last UDP port of room systems' media: each system needs four. 20799.
    pub rtp_to: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            https: 443,
            guests: None,
            sip: 5060,
            sips: 5061,
            media: 7000,
            rtp_from: 20_000,
            rtp_to: 20_799,
        }
    }
}

impl Ports {
    pub(super) fn read(answers: &mut Answers) -> Self {
        let default = Self::default();
        let guests = answers.number("ports.guests", 1, u16::MAX);
        // The first 1023 are root's to open. Only the pages' ports are opened by systemd, for a process that is not.
        let mut port = |key: &'static str, default| {
            let least = if key == "ports.https" { 1 } else { 1024 };
            answers.number(key, least, u16::MAX).unwrap_or(default)
        };
        let ports = Self {
            https: port("ports.https", default.https),
            guests,
            sip: port("ports.sip", default.sip),
            sips: port("ports.sips", default.sips),
            media: port("ports.media", default.media),
            rtp_from: port("ports.rtp_from", default.rtp_from),
            rtp_to: port("ports.rtp_to", default.rtp_to),
        };
        ports.check(answers);
        ports
    }

    fn check(&self, answers: &mut Answers) {
        let mut tcp = vec![("ports.https", self.https), ("ports.sip", self.sip), ("ports.sips", self.sips)];
        tcp.extend(self.guests.map(|port| ("ports.guests", port)));
        for (index, (key, port)) in tcp.iter().enumerate() {
            if tcp[..index].iter().any(|(_, other)| other == port) {
                let todo = "Donnez un port différent à chaque service";
                answers.refuse(key, Refusal::new(format!("le port TCP {port} est déjà pris"), todo));
            }
        }
        if self.rtp_from % 2 == 1 || u32::from(self.rtp_to) < u32::from(self.rtp_from) + 3 {
            let todo = "Commencez par un nombre pair et prévoyez quatre ports par système, par exemple de 20000 à 20799";
            let what = format!("la plage de {} à {} ne convient pas", self.rtp_from, self.rtp_to);
            answers.refuse("ports.rtp_from", Refusal::new(what, todo));
        }
        for (key, port) in [("ports.media", self.media), ("ports.sip", self.sip)] {
            if (self.rtp_from..=self.rtp_to).contains(&port) {
                let what = format!("le port UDP {port} est dans la plage des systèmes de salle");
                answers.refuse(key, Refusal::new(what, "Choisissez un port en dehors de cette plage"));
            }
        }
        if self.guests == Some(self.media) {
            let what = format!("le port TCP {} est celui des images et sons", self.media);
            answers.refuse("ports.guests", Refusal::new(what, "Donnez un port différent à chaque service"));
        }
        if self.media == self.sip {
            let what = format!("le port UDP {} est celui de SIP", self.media);
            answers.refuse("ports.media", Refusal::new(what, "Donnez un port différent à chaque service"));
        }
    }
}
