use super::{
    Line,
    when::{When, of_change, read_day, read_hour},
};
use crate::{SecurityCode, account::FieldFault};
use time::OffsetDateTime;

/// «Nouvelle réunion» as it was typed (SCHED-01, SCHED-02).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MeetingForm {
    /// «Référence du dossier».
    pub reference: String,
    /// «Date»: `18-06-2024`.
    pub date: String,
    /// «Heure»: `14h00`.
    pub time: String,
    /// «Code de sécurité», the box.
    pub code_active: bool,
    /// «Code de sécurité», the field.
    pub code: String,
}

/// What the form says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// «Référence du dossier»: for the espace client alone.
    pub reference: Line,
    /// When.
    pub when: When,
    /// Asked of guests, spectators and room systems.
    pub code: Option<SecurityCode>,
}

impl MeetingForm {
    /// Checks every field; what is wrong with which goes to `faults`. `keeps`: when the meeting is so far, which may go on.
    pub fn read(
        &self,
        keeps: Option<When>,
        now: OffsetDateTime,
        faults: &mut Vec<FieldFault>,
    ) -> Option<Plan> {
        let reference = Line::new(&self.reference).map_err(|error| error.to_string());
        let reference = reference.map_err(|message| fault(faults, "reference", message)).ok();
        let when = self.when(faults).filter(|when| {
            let wrong = if keeps == Some(*when) { None } else { when.fault(now) };
            wrong.map(|(field, message)| fault(faults, field, message)).is_none()
        });
        let code = self.code(faults);
        Some(Plan { reference: reference?, when: when?, code: code? })
    }

    fn when(&self, faults: &mut Vec<FieldFault>) -> Option<When> {
        let (day, hour) = (read_day(&self.date), read_hour(&self.time));
        if day.is_none() {
            fault(faults, "date", "Écrivez la date sous la forme 18-06-2024.");
        }
        if hour.is_none() {
            fault(faults, "time", "Écrivez l’heure sous la forme 14h00.");
        }
        When::new(day?, hour?).map_err(|change| fault(faults, "time", of_change(change))).ok()
    }

    /// A code that is switched off and stands in its field is none.
    #[expect(clippy::option_option, reason = "the outer one says whether the field could be read")]
    fn code(&self, faults: &mut Vec<FieldFault>) -> Option<Option<SecurityCode>> {
        if !self.code_active {
            return Some(None);
        }
        if self.code.trim().is_empty() {
            let message = "Saisissez un code de sécurité, ou décochez «\u{a0}Code de sécurité\u{a0}».";
            fault(faults, "code", message);
            return None;
        }
        let code = SecurityCode::new(&self.code).map_err(|error| fault(faults, "code", error.to_string()));
        code.ok().map(Some)
    }
}

fn fault(faults: &mut Vec<FieldFault>, field: &'static str, message: impl Into<String>) {
    faults.push(FieldFault { field, message: message.into() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-27 15:00 UTC);

    fn form(date: &str, time: &str) -> MeetingForm {
        MeetingForm {
            reference: "Vente DUPONT".to_owned(),
            date: date.to_owned(),
            time: time.to_owned(),
            code_active: true,
            code: "1234".to_owned(),
        }
    }

    fn faults(form: &MeetingForm) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        assert_eq!(form.read(None, NOW, &mut faults).is_none(), !faults.is_empty());
        faults.into_iter().map(|fault| (fault.field, fault.message)).collect()
    }

    fn fault(date: &str, time: &str) -> (&'static str, String) {
        let faults = faults(&form(date, time));
        assert_eq!(faults.len(), 1, "{date} {time}: {faults:?}");
        faults.into_iter().next().unwrap()
    }

    #[test]
    fn a_form_becomes_a_plan() {
        let plan = form("28-11-2026", "16h00").read(None, NOW, &mut Vec::new()).unwrap();
        assert_eq!(plan.when.begins_at(), datetime!(2026-11-28 15:00 UTC));
        assert_eq!(plan.code.unwrap().as_str(), "1234");
        let open = MeetingForm { code_active: false, ..form("28-11-2026", "16h00") };
        assert_eq!(open.read(None, NOW, &mut Vec::new()).unwrap().code, None);
    }

    #[test]
    fn every_fault_is_told_at_once_beside_its_field() {
        let form = MeetingForm { code_active: true, code: "12".to_owned(), ..MeetingForm::default() };
        let fields: Vec<_> = faults(&form).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["reference", "date", "time", "code"]);
        let empty = MeetingForm { code: String::new(), ..super::tests::form("28-11-2026", "16h00") };
        assert_eq!(faults(&empty)[0].0, "code");
    }

    #[test]
    fn what_is_past_or_in_a_year_that_nobody_means_is_refused() {
        assert!(fault("26-11-2026", "23h00").1.contains("Cette date est passée"));
        assert!(fault("27-11-2026", "14h00").1.contains("Cette heure est déjà passée"));
        assert_eq!(fault("27-11-2206", "16h00").0, "date");
        for hour in ["15h30", "16h00", "23h59"] {
            assert_eq!(faults(&form("27-11-2026", hour)), [], "{hour}, at 16h00 in Paris");
        }
        // It is the 28th in Paris already, and still the 27th in Greenwich.
        let late = datetime!(2026-11-27 23:30 UTC);
        let mut faults = Vec::new();
        form("27-11-2026", "23h00").read(None, late, &mut faults);
        assert_eq!(faults[0].field, "date");
    }

    #[test]
    fn an_hour_that_clocks_skip_or_show_twice_is_refused() {
        let (field, message) = fault("28-03-2027", "2h30");
        assert!(field == "time" && message.contains("n’existe pas"), "{message}");
        let (field, message) = fault("31-10-2027", "2h30");
        assert!(field == "time" && message.contains("deux fois"), "{message}");
        assert_eq!(faults(&form("28-03-2027", "3h00")), []);
        assert_eq!(faults(&form("31-10-2027", "1h59")), []);
    }

    #[test]
    fn a_meeting_that_goes_on_keeps_its_hour() {
        let morning = form("27-11-2026", "10h00");
        let keeps = morning.when(&mut Vec::new()).unwrap();
        assert!(morning.read(Some(keeps), NOW, &mut Vec::new()).is_some());
        assert!(form("27-11-2026", "10h01").read(Some(keeps), NOW, &mut Vec::new()).is_none());
    }
}
