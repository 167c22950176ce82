/// The second factors of an account that work on this box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecondFactors {
    /// An authenticator application is enrolled.
    pub authenticator: bool,
    /// A code by SMS arrives: the account has a mobile number, and the box has a gateway.
    pub sms: bool,
}

impl SecondFactors {
    /// A mobile number is no factor where nothing sends to it: a login that offered it would never end.
    #[must_use]
    pub fn of(authenticator: bool, mobile: bool, gateway: bool) -> Self {
        Self { authenticator, sms: mobile && gateway }
    }

    /// Whether the password alone opens the enrolment of an authenticator (AUTH-03). Only where nothing else works:
    /// with a second factor, another one is enrolled after giving it, or a stolen password would be worth both.
    #[must_use]
    pub fn enrols(self) -> bool {
        !self.authenticator && !self.sms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_alone_enrols_only_where_nothing_else_works() {
        for (authenticator, mobile, gateway, enrols) in [
            (false, false, false, true),
            (false, true, false, true),
            (false, false, true, true),
            (false, true, true, false),
            (true, false, false, false),
            (true, true, false, false),
            (true, false, true, false),
            (true, true, true, false),
        ] {
            let factors = SecondFactors::of(authenticator, mobile, gateway);
            assert_eq!(factors.enrols(), enrols, "{authenticator} {mobile} {gateway}");
            assert_eq!(factors, SecondFactors { authenticator, sms: mobile && gateway });
        }
    }
}
