use super::Actor;
use crate::messages::IceServer;
use tabellion_domain::{SeatId, TurnCredentials, admission::AdmissionError, settings::TurnUri};

impl Actor {
    /// Who relays, with a right to it that begins now. Whoever waits at the door gets none: it would serve to reach anything that the
    /// server relays to, and nobody can take it back.
    pub(super) fn ice_servers(&self, seat: SeatId) -> Result<Vec<IceServer>, AdmissionError> {
        if !self.live.seat(seat).is_some_and(|seat| seat.sees_participants()) {
            return Err(AdmissionError::NotAccepted);
        }
        let Some(server) = &self.shared.config.turn else { return Ok(Vec::new()) };
        // Drawn each time: the server's logs tell neither who it was nor that it was the same one again.
        let id = self.shared.entropy.token128();
        let TurnCredentials { username, password } =
            TurnCredentials::issue(&server.secret, &id, self.shared.clock.now());
        let urls = server.uris.iter().map(TurnUri::to_string).collect();
        Ok(vec![IceServer { urls, username, credential: password }])
    }
}
