use super::wire::{Event, Slot, Stage, Waiting};
use crate::fault::{Fault, Side};

/// What a seat knows of the meeting, after each of the box's events.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// The own seat's number, once welcomed.
    pub seat: Option<u64>,
    /// Where the own seat stands.
    pub stage: Option<Stage>,
    /// Who waits; organizers only.
    pub queue: Vec<Waiting>,
    /// Which slot carries whom.
    pub slots: Vec<Slot>,
    /// Why this seat cannot go on, if it cannot.
    pub fault: Option<Fault>,
}

impl View {
    /// The latest state of what an event is about replaces the one before.
    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Welcome { me, stage, queue, slots } => {
                (self.seat, self.queue, self.slots) = (Some(me.seat), queue, slots);
                self.stage_is(stage);
            }
            Event::Stage { stage } => self.stage_is(stage),
            Event::Queue { queue } => self.queue = queue,
            Event::Slots { slots } => self.slots = slots,
            Event::MediaLost { message } => self.fails(Fault::new(
                Side::Switchboard,
                format!("the switchboard lost this seat's media («{message}»)"),
                "it was restarted or cut off the transport: look at the log of tabellion-media",
            )),
            Event::Replaced => self.fails(Fault::new(
                Side::Caller,
                "another page took this seat",
                "give each run seats of its own",
            )),
            Event::Other => {}
        }
    }

    fn stage_is(&mut self, stage: Stage) {
        if let Stage::Ended { reason } = &stage
            && reason != "left"
        {
            self.fails(ended(reason));
        }
        self.stage = Some(stage);
    }

    /// The first fault is the cause; what follows from it is not kept.
    pub(super) fn fails(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

fn ended(reason: &str) -> Fault {
    let (what, advice) = match reason {
        "meeting_closed" => ("the meeting was switched off or deleted", "switch the meeting on"),
        "refused" | "deleted" => {
            ("an organizer refused the request", "let no one else decide in the meeting that is tested")
        }
        "lost" => ("the box has not heard of this seat for too long", "is the way to the box interrupted?"),
        _ => ("the box ended this seat", "look at the box's log"),
    };
    let side = if reason == "lost" { Side::Network } else { Side::Caller };
    Fault::new(side, format!("{what} ({reason})"), advice)
}
