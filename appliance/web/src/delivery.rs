use serde::Serialize;
use tabellion_post::texts;
use tabellion_store::MessageState;
use utoipa::ToSchema;

/// What has become of a mail.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// Where it is.
    state: DeliveryWord,
    /// The same for the user, in French: since when, why, and what to do.
    text: String,
}

/// Where a mail is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryWord {
    /// To be sent, or to be tried again.
    Waiting,
    /// The mail server has it.
    Sent,
    /// The mail server wants it from nobody, or does not know its address.
    Refused,
    /// It was tried for as long as it was of use.
    GivenUp,
}

impl From<&MessageState> for DeliveryView {
    fn from(state: &MessageState) -> Self {
        let word = match state {
            MessageState::Waiting { .. } => DeliveryWord::Waiting,
            MessageState::Sent(_) => DeliveryWord::Sent,
            MessageState::Refused { .. } => DeliveryWord::Refused,
            MessageState::GivenUp { .. } => DeliveryWord::GivenUp,
        };
        Self { state: word, text: texts::delivery(state) }
    }
}
