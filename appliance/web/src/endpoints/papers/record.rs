use super::{
    issue::{Making, PaperTurns, brand, headers},
    sittings::{About, held},
};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use std::collections::HashMap;
use tabellion_domain::{
    MeetingId, Presence, SeatId, Sitting, admission::Identity, attestation::PaperNumber, paris::in_paris,
};
use tabellion_papers::{Attendance, Grade, MeetingRecord, Period, Seal};
use tabellion_store::{IssuedPaper, MeetingLine, StoredSeat};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// «Relevé de séance».
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordRequest {
    /// When the sitting has begun, RFC 3339: as the list of sittings has it.
    from: String,
}

/// The record of a sitting that is over: who was there, in which role, on whose word, from when until when, and what did not come through;
/// sealed with the audit journal's hash. It is numbered and kept in mind before it is given out.
#[utoipa::path(post, path = "/api/meetings/{id}/record", request_body = RecordRequest, params(("id" = i64, Path)), responses(
    (status = 200, body = Vec<u8>, content_type = "application/pdf"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting, unknown_sitting", body = ErrorBody),
))]
pub(crate) async fn issue(
    State(state): State<AppState>,
    axum::Extension(turns): axum::Extension<PaperTurns>,
    manager: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(asked): JsonBody<RecordRequest>,
) -> Result<impl IntoResponse, ApiError> {
    let id = MeetingId(id);
    let about = About::of(&state, id).await?;
    let from = OffsetDateTime::parse(&asked.from, &Rfc3339).map_err(|_| unknown())?;
    let lines = state.store.meeting_lines(id).await?;
    let sitting = held(&lines).into_iter().find(|sitting| sitting.from == from).ok_or_else(unknown)?;
    let seats: HashMap<_, _> =
        state.store.seats_of(id).await?.into_iter().map(|seat| (seat.id, seat)).collect();
    // Their retention period is over: a record that leaves somebody out is none.
    if !is_known(&sitting, &seats) {
        return Err(unknown());
    }
    let organizer = state.store.user(about.organizer).await?;
    let organizer = organizer.map(|user| user.display_name()).unwrap_or_default();
    let seal = seal(&lines, &sitting)?;
    let participants = participants(&sitting, &seats);
    let office = (state.config.office.crpcen.clone(), state.config.office.name.clone());
    let making = |number: &PaperNumber, at| -> Making {
        let data = MeetingRecord {
            office: office.1.clone(),
            meeting: about.name.clone(),
            meeting_number: about.number.clone(),
            organizer: organizer.clone(),
            planned: about.planned.map(in_paris),
            held: period(sitting.from, sitting.until),
            participants: participants.clone(),
            seal,
            issued_at: in_paris(at),
            number: number.to_string(),
            brand: brand(&state),
        };
        Box::new(move || tabellion_papers::meeting_record(&data))
    };
    let by = manager.user.id;
    let kept = |number, at, sha256| IssuedPaper::record(number, office.clone(), by, at, sha256);
    let (number, paper) = turns.issued(&state, making, kept).await?;
    Ok((headers("releve-de-seance", &number), paper.bytes))
}

fn unknown() -> ApiError {
    let message =
        "Cette séance n’est pas connue, ou n’est pas terminée. Rechargez la page pour voir la liste à jour.";
    ApiError::new(StatusCode::NOT_FOUND, "unknown_sitting", message)
}

/// Whether all who were inside, and who let them in, are still kept.
pub(super) fn is_known<T>(sitting: &Sitting, seats: &HashMap<SeatId, T>) -> bool {
    let all = sitting.presences.iter().flat_map(|one| [Some(one.seat), one.admitted_by]);
    all.flatten().all(|seat| seats.contains_key(&seat))
}

/// The last line that the sitting has.
fn seal(lines: &[MeetingLine], sitting: &Sitting) -> Result<Seal, ApiError> {
    let last = lines.iter().rfind(|line| line.at == sitting.until);
    let last = last.ok_or_else(|| ApiError::internal(&"a sitting without a last line"))?;
    Ok(Seal { line: last.line.number, hash: last.line.hash })
}

/// Who came twice stands in one row.
fn participants(sitting: &Sitting, seats: &HashMap<SeatId, StoredSeat>) -> Vec<Attendance> {
    let mut all: Vec<Attendance> = Vec::new();
    for presence in &sitting.presences {
        let Some(seat) = seats.get(&presence.seat) else { continue };
        let one = attendance(presence, seat, seats);
        match all.iter_mut().find(|other| is_again(other, &one)) {
            Some(other) => {
                other.present.extend(one.present);
                other.gaps.extend(one.gaps);
            }
            None => all.push(one),
        }
    }
    all
}

/// The same name in the same role on the same word, which the other had left before: of two who are inside at once, each is somebody.
fn is_again(before: &Attendance, one: &Attendance) -> bool {
    let who = |one: &Attendance| (one.name.clone(), one.role, one.identity, one.admitted_by.clone());
    let left = before.present.last().map(|last| last.until);
    who(before) == who(one) && left.zip(one.present.first()).is_some_and(|(left, first)| left <= first.from)
}

fn attendance(presence: &Presence, seat: &StoredSeat, seats: &HashMap<SeatId, StoredSeat>) -> Attendance {
    let by = presence.admitted_by.and_then(|by| seats.get(&by));
    Attendance {
        name: seat.name.clone(),
        role: seat.role,
        identity: grade(seat.identity),
        admitted_by: by.map(|organizer| organizer.name.clone()),
        present: vec![period(presence.from, presence.until)],
        gaps: presence.gaps.iter().map(|(from, until)| period(*from, *until)).collect(),
    }
}

fn grade(identity: Identity) -> Grade {
    match identity {
        Identity::Account => Grade::Account,
        Identity::Invited => Grade::PersonalLink,
        Identity::RegisteredDevice => Grade::RegisteredDevice,
        Identity::Declared => Grade::Declared,
    }
}

fn period(from: OffsetDateTime, until: OffsetDateTime) -> Period {
    Period { from: in_paris(from), until: in_paris(until) }
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::{StatusCode, header};
    use serde_json::json;
    use tabellion_domain::{
        AuditEvent, MeetingId, Role, SeatId,
        admission::{Channel, Decision, EndReason, Identity, JournalEntry, Stage},
    };
    use tabellion_store::NewStoredSeat;
    use time::Duration;

    /// A sitting of two, with a minute between what happens.
    async fn held(test: &TestBox) -> MeetingId {
        let (store, meeting, at) = (&test.state.store, test.sale.id, test.state.clock.now());
        let mut seats = Vec::new();
        for (name, role, identity) in [
            ("Maître Claire Moreau", Role::Organizer, Identity::Account),
            ("Madame Anne Dubois", Role::Guest, Identity::Declared),
        ] {
            let new = NewStoredSeat {
                meeting,
                name: name.to_owned(),
                role,
                channel: Channel::Browser,
                identity,
                user: None,
                device: None,
                token_hash: None,
                link: None,
                stage: Stage::Ended { reason: EndReason::Left },
                at,
            };
            let (seat, ()) =
                store.insert_seat_with(new, |_| (tabellion_store::SeatChanges::default(), ())).await.unwrap();
            seats.push(seat);
        }
        let [claire, anne]: [SeatId; 2] = seats.try_into().unwrap();
        for (minute, entry) in [
            JournalEntry::Entered { seat: claire },
            JournalEntry::Requested { seat: anne },
            JournalEntry::Decided { seat: anne, by: claire, decision: Decision::Accept },
            JournalEntry::Entered { seat: anne },
            JournalEntry::MediaLost { seat: anne },
            JournalEntry::MediaBack { seat: anne },
            JournalEntry::Ended { seat: anne, reason: EndReason::Left },
            JournalEntry::Ended { seat: claire, reason: EndReason::Left },
        ]
        .into_iter()
        .enumerate()
        {
            let at = at + Duration::minutes(i64::try_from(minute).unwrap());
            store.append_audit(AuditEvent::Meeting { meeting, entry }, at).await.unwrap();
        }
        meeting
    }

    #[tokio::test]
    async fn a_sitting_that_is_over_has_a_record_that_the_box_knows_again() {
        let test = TestBox::new().await;
        let meeting = held(&test).await;
        let mut claire = test.logged_in().await;
        let told = claire.get(&format!("/api/meetings/{meeting}/sittings")).await.is(StatusCode::OK);
        assert_eq!(
            (told["sittings"].as_array().unwrap().len(), &told["sittings"][0]["presences"]),
            (1, &json!(2))
        );
        let path = format!("/api/meetings/{meeting}/record");
        let answer = claire.post(&path, json!({ "from": told["sittings"][0]["from"] })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(answer.body.starts_with(b"%PDF-"));
        let journal = test.journal().await;
        let Some(AuditEvent::PaperIssued { kind, number, .. }) = journal.last() else {
            panic!("{journal:?}")
        };
        assert_eq!(kind, "record");
        let name = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(name, format!("attachment; filename=\"releve-de-seance-{number}.pdf\""));
        let known = test.browser().get(&format!("/api/verification/{number}")).await.is(StatusCode::OK);
        assert_eq!(known["kind"], "record");
    }

    #[tokio::test]
    async fn what_is_no_sitting_has_no_record() {
        let test = TestBox::new().await;
        let meeting = held(&test).await;
        let mut claire = test.logged_in().await;
        let path = format!("/api/meetings/{meeting}/record");
        for from in ["", "yesterday", "2026-11-23T09:00:01Z"] {
            claire.post(&path, json!({ "from": from })).await.refuses(404, "unknown_sitting");
        }
        claire.get("/api/meetings/999/sittings").await.refuses(404, "unknown_meeting");
        test.browser().post(&path, json!({ "from": "" })).await.refuses(401, "not_logged_in");
        let mut colleague = test.logged_in_as(COLLEAGUE).await;
        let answer = colleague.get(&format!("/api/meetings/{meeting}/sittings")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 403), "{}", answer.status);
    }
}
