use super::LegEvent;

/// What an INFO's body says; none for packages that mean nothing here, which are answered 200 all the same: equipment
/// takes another answer for the end of the call.
pub(crate) fn read(content_type: &str, body: &str) -> Option<LegEvent> {
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/dtmf-relay" => relay(body).map(LegEvent::Digit),
        "application/dtmf" => key(body.trim()).map(LegEvent::Digit),
        "application/media_control+xml" => body.contains("picture_fast_update").then_some(LegEvent::KeyFrame),
        _ => None,
    }
}

/// `Signal=5` among lines such as `Duration=160`.
fn relay(body: &str) -> Option<char> {
    body.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("signal") { key(value.trim()) } else { None }
    })
}

/// A key by its sign or by its number in RFC 4733.
fn key(text: &str) -> Option<char> {
    match text {
        "10" => return Some('*'),
        "11" => return Some('#'),
        _ => {}
    }
    let mut characters = text.chars();
    let sign = characters.next()?.to_ascii_uppercase();
    (characters.next().is_none() && matches!(sign, '0'..='9' | '*' | '#' | 'A'..='D')).then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digit(content_type: &str, body: &str) -> Option<char> {
        match read(content_type, body) {
            Some(LegEvent::Digit(digit)) => Some(digit),
            _ => None,
        }
    }

    #[test]
    fn keys_are_read_in_both_forms() {
        assert_eq!(digit("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(digit("Application/DTMF-Relay; charset=utf-8", "Duration= 100\nSignal= *"), Some('*'));
        assert_eq!(digit("application/dtmf", "#\r\n"), Some('#'));
        assert_eq!(digit("application/dtmf", "10"), Some('*'));
        for nonsense in ["", "Signal=", "Signal=12", "Signal=x", "5"] {
            assert_eq!(digit("application/dtmf-relay", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_key_frame_is_asked_for_and_the_rest_means_nothing() {
        let wanted = "<?xml version=\"1.0\"?><media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>";
        assert!(matches!(read("application/media_control+xml", wanted), Some(LegEvent::KeyFrame)));
        assert!(read("application/media_control+xml", "<media_control/>").is_none());
        assert!(read("application/x-cisco-remotecc", "hello").is_none());
    }
}
