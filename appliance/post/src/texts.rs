//! What messages say, in French.

/// The code that a login asks for (AUTH-02).
#[must_use]
pub fn login_code(digits: &str) -> String {
    // One SMS of 160 characters holds it: «é» is in its alphabet (3GPP TS 23.038 §6.2.1), and so is the colon after a
    // plain space; a narrow no-break space would switch the whole SMS to 70 characters.
    format!("Votre code de sécurité Tabellion : {digits}. Il est valable 10 minutes.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_told_in_one_sms() {
        let text = login_code("123456");
        assert_eq!(text, "Votre code de sécurité Tabellion : 123456. Il est valable 10 minutes.");
        let gsm = |c: char| c.is_ascii_alphanumeric() || " .:éèàùì".contains(c);
        assert!(text.chars().count() <= 160 && text.chars().all(gsm));
    }
}
