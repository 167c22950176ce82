use crate::error::ApiError;
use serde::Deserialize;
use tabellion_domain::{
    account::FieldFault,
    scheduled::{Line, MeetingForm, Plan, When},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// «Nouvelle réunion», as it was typed (SCHED-01, SCHED-02).
#[derive(Deserialize, ToSchema)]
pub(crate) struct ScheduledFields {
    /// «Référence du dossier».
    reference: String,
    /// «Date»: `18-06-2024`.
    date: String,
    /// «Heure»: `14h00`.
    time: String,
    /// «Code de sécurité», the box.
    code_active: bool,
    /// «Code de sécurité», the field: 4 to 8 digits.
    code: Option<String>,
}

impl ScheduledFields {
    /// All faults at once, each beside its field. `name`: «Nom de la réunion», where there is one to be changed.
    pub(super) fn read(
        self,
        name: Option<&str>,
        keeps: Option<When>,
        now: OffsetDateTime,
    ) -> Result<(Plan, Option<Line>), ApiError> {
        let mut faults = Vec::new();
        let name = name.and_then(|name| line(name, "name", &mut faults));
        let form = MeetingForm {
            reference: self.reference,
            date: self.date,
            time: self.time,
            code_active: self.code_active,
            code: self.code.unwrap_or_default(),
        };
        let plan = form.read(keeps, now, &mut faults);
        match plan {
            Some(plan) if faults.is_empty() => Ok((plan, name)),
            _ => Err(ApiError::faults(&faults)),
        }
    }
}

pub(super) fn line(text: &str, field: &'static str, faults: &mut Vec<FieldFault>) -> Option<Line> {
    let line = Line::new(text);
    line.map_err(|error| faults.push(FieldFault { field, message: error.to_string() })).ok()
}
