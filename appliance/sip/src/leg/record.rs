use super::{DialogKey, origin::Origin, timer::SessionTimer};
use crate::{
    registry::SipTransport,
    stack::{Flow, ProvenFlows, Stack, transport_of},
    text::{Address, UriParts, value, values},
};
use rsipstack::sip::Request;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use tabellion_domain::Source;

/// CSeq numbers left free at a restart: requests sent after the record was stored used some.
const RESTART_GAP: u32 = 1000;

/// A confirmed dialog, so that a restarted service can go on with it ([`crate::SipService::restore`]). Its JSON is for
/// storing; nothing in it is meant for reading elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DialogRecord {
    pub(super) call_id: String,
    /// Whose call it is.
    party: Source,
    /// Our side's From or To, tag included.
    pub(super) local: String,
    pub(super) local_tag: String,
    /// Their side's, as they wrote it.
    pub(super) remote: String,
    pub(super) remote_tag: String,
    /// Their Contact's URI, byte for byte.
    pub(super) remote_target: String,
    /// Route set, in the order in which our requests carry it.
    pub(super) routes: Vec<String>,
    pub(super) local_cseq: u32,
    pub(super) remote_cseq: u32,
    pub(super) transport: SipTransport,
    /// Where our requests go.
    pub(super) next_hop: SocketAddr,
    /// The user part of our Contact.
    pub(super) user: String,
    pub(super) timer: Option<SessionTimer>,
    /// Whether the peer takes UPDATE.
    pub(super) takes_update: bool,
    pub(super) origin: Origin,
}

/// Why an INVITE opens no dialog.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Opening(pub &'static str);

impl DialogRecord {
    /// The dialog that an INVITE opens on our side (RFC 3261 §12.1.1).
    pub(crate) fn open(
        request: &Request,
        flow: &Flow,
        user: &str,
        party: Source,
        stack: &Stack,
    ) -> Result<Self, Opening> {
        let headers = &request.headers;
        let get = |name: &'static str| value(headers, name).ok_or(Opening(name));
        let from = Address::parse(get("From")?).ok_or(Opening("From"))?;
        let contact = Address::parse(get("Contact")?).ok_or(Opening("Contact"))?;
        let local_tag = stack.token();
        let routes: Vec<String> = values(headers, "Record-Route")
            .flat_map(|line| crate::text::split(line, ','))
            .map(str::to_owned)
            .collect();
        let mut session = [0; 4];
        stack.entropy.fill(&mut session);
        let mut dialog = Self {
            call_id: get("Call-ID")?.to_owned(),
            party,
            local: format!("{};tag={local_tag}", get("To")?),
            local_tag,
            remote: get("From")?.to_owned(),
            remote_tag: from.parameter("tag").ok_or(Opening("From"))?.to_owned(),
            remote_target: contact.uri.to_owned(),
            routes,
            local_cseq: 0,
            remote_cseq: cseq(request).ok_or(Opening("CSeq"))?,
            transport: flow.transport,
            next_hop: flow.peer,
            user: user.to_owned(),
            timer: SessionTimer::agree(headers),
            takes_update: crate::text::lists(headers, "Allow", "UPDATE"),
            origin: Origin::new(u32::from_be_bytes(session) >> 1),
        };
        dialog.aim(values(headers, "Via").flat_map(|line| crate::text::split(line, ',')).count(), flow);
        Ok(dialog)
    }

    /// Where requests within the dialog go: the first route or the peer's Contact (RFC 3261 §12.2.1.1) — except that a peer
    /// without a proxy between is reached where it wrote from, because equipment behind a translation puts an address into
    /// Contact that leads nowhere. Names are not looked up: then too, where it wrote from.
    fn aim(&mut self, hops: usize, flow: &Flow) {
        let route =
            self.routes.first().and_then(|route| Address::parse(route).map(|route| route.uri.to_owned()));
        let target = match route {
            Some(route) => route,
            None if hops > 1 => self.remote_target.clone(),
            None => return,
        };
        let Some(parts) = UriParts::parse(&target) else { return };
        let Ok(host) = parts.host.parse::<IpAddr>() else { return };
        self.transport = transport_of(&target);
        let port = parts.port.unwrap_or(if self.transport == SipTransport::Tls { 5061 } else { 5060 });
        self.next_hop = SocketAddr::new(host, port);
        if self.next_hop.ip() == flow.peer.ip() && self.transport == SipTransport::Udp {
            self.transport = flow.transport;
            self.next_hop = if flow.transport == SipTransport::Udp { self.next_hop } else { flow.peer };
        }
    }

    /// The flow for our requests: the one that the peer opened where it leads to the next hop; a newer one on which the
    /// device has proven who it is; else one that is to be opened.
    pub(super) fn flow(&self, known: Option<&Flow>, proven: &ProvenFlows) -> Flow {
        if let Some(flow) = known
            && flow.transport == self.transport
            && flow.peer == self.next_hop
            && flow.lives()
        {
            return flow.clone();
        }
        match &self.party {
            Source::Device(device) if self.is_direct_stream() => proven.of(device, self.transport),
            _ => None,
        }
        .unwrap_or_else(|| Flow::new(self.transport, self.reconnected()))
    }

    fn is_direct_stream(&self) -> bool {
        self.transport != SipTransport::Udp && self.routes.is_empty()
    }

    /// Where a new connection goes. A stream that the peer opened came from a port where nobody listens: its Contact says
    /// where it does (RFC 3261 §18.2.2). Only at the address that it wrote from: behind a translation another one leads
    /// nowhere, and no stranger shall choose whom this box writes to.
    fn reconnected(&self) -> SocketAddr {
        let Some(parts) = UriParts::parse(&self.remote_target).filter(|_| self.is_direct_stream()) else {
            return self.next_hop;
        };
        match parts.host.parse::<IpAddr>() {
            Ok(host) if host == self.next_hop.ip() => {
                let port = if self.transport == SipTransport::Tls { 5061 } else { 5060 };
                SocketAddr::new(host, parts.port.unwrap_or(port))
            }
            _ => self.next_hop,
        }
    }

    /// After a restart.
    pub(super) fn resumed(mut self) -> Self {
        self.local_cseq = self.local_cseq.saturating_add(RESTART_GAP);
        self
    }

    /// Whose call it is.
    pub(crate) fn party(&self) -> &Source {
        &self.party
    }

    pub(crate) fn key(&self) -> DialogKey {
        DialogKey {
            call_id: self.call_id.clone(),
            local_tag: self.local_tag.clone(),
            remote_tag: self.remote_tag.clone(),
        }
    }
}

/// The number of a request's CSeq.
pub(crate) fn cseq(request: &Request) -> Option<u32> {
    value(&request.headers, "CSeq")?.split_ascii_whitespace().next()?.parse().ok()
}
