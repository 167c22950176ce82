//! The cookie of a device that somebody has logged in at before (see [`DeviceCookie`]): one for each of its users.

use crate::state::AppState;
use axum::{http::header, response::AppendHeaders};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use tabellion_domain::{DEVICE_MEMORY, DeviceCookie, UserId};
use time::Duration;

/// Renewed by a login after this: who comes now and then stays known.
const RENEWED: Duration = Duration::days(30);

/// A response's `Set-Cookie`, where there is one to set. After the session's, which programs look for first.
pub(crate) type Remembered = AppendHeaders<Option<(header::HeaderName, String)>>;

fn name(user: UserId) -> String {
    format!("__Host-tabellion-device-{user}")
}

/// The device that this browser is to this user; none where nobody knows it.
pub(crate) fn known(state: &AppState, jar: &CookieJar, user: UserId) -> Option<DeviceCookie> {
    let cookie = jar.get(&name(user))?;
    DeviceCookie::read(cookie.value(), &state.config.device_key, user, state.clock.now())
}

/// After a login that went well: the browser is known from now on.
pub(crate) fn remember(state: &AppState, jar: &CookieJar, user: UserId) -> Remembered {
    let now = state.clock.now();
    if known(state, jar, user).is_some_and(|device| now - device.at < RENEWED) {
        return AppendHeaders(None);
    }
    let device = DeviceCookie::draw(state.entropy.as_ref(), now);
    let cookie = Cookie::build((name(user), device.signed(&state.config.device_key, user)))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(DEVICE_MEMORY);
    AppendHeaders(Some((header::SET_COOKIE, cookie.build().to_string())))
}
