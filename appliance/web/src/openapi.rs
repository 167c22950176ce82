use crate::endpoints::{
    brand, calls, demonstration, directory, events, health, links, meetings, orders, papers, password,
    personal_data, scheduled, seat, session, setup, system, users,
};
use tabellion_conference::messages;
use utoipa::OpenApi;

/// The whole interface, the WebSocket's messages among its schemas.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tabellion", description = "What the pages and the box say to each other"),
    paths(
        health::health,
        session::create::create,
        session::show::show,
        session::delete::delete,
        session::sms::send,
        session::second_factor::check,
        session::enrol::show,
        session::confirm::confirm,
        password::change::change,
        password::lost::ask,
        password::link::show,
        password::link::reset,
        password::strength::judge,
        users::list::list,
        users::create::create,
        users::change::change,
        users::credentials::send,
        users::delete::delete,
        orders::list::list,
        orders::licences::order,
        orders::export::export,
        orders::hand_over::hand_over,
        personal_data::show::show,
        personal_data::export::export,
        meetings::list::list,
        meetings::create::create,
        meetings::change::change,
        meetings::delete::delete,
        meetings::seat::take,
        meetings::share::send,
        meetings::share::list,
        scheduled::list::list,
        scheduled::people::people,
        scheduled::create::create,
        scheduled::show::show,
        scheduled::change::change,
        scheduled::participants::revise,
        scheduled::validate::validate,
        scheduled::send::send,
        scheduled::link::make,
        scheduled::seat::take,
        scheduled::delete::delete,
        directory::search::search,
        directory::state::state,
        directory::import::import,
        brand::show,
        brand::legal,
        calls::list::list,
        calls::week::week,
        events::connect,
        papers::attestation::issue,
        papers::sittings::list,
        papers::record::issue,
        papers::verification::verify,
        links::show::show,
        links::request::request,
        seat::connect,
        system::show::show,
        setup::show::show,
        setup::open::open,
        setup::apply::apply,
        setup::confirm::confirm,
        system::settings::show::show,
        system::settings::change::change,
        system::settings::settle::confirm,
        system::settings::settle::abandon,
        system::settings::test_mail::send,
        system::settings::test_sms::send,
        system::settings::authority::download,
        system::factory_reset::reset,
        system::recovery_key::make,
        system::console::show,
        system::console::open,
        system::console::close,
        system::backup::prepare,
        system::backup::download,
        system::schedule::show,
        system::schedule::change,
        system::schedule::introduce,
        system::restore::receive,
        system::restore::check,
        system::restore::restore,
        system::updates::show::show,
        system::updates::look::look,
        system::updates::install::install,
        system::updates::upload::upload,
        system::updates::restart::restart,
        demonstration::messages,
    ),
    components(schemas(
        messages::SeatRequest,
        messages::SeatFrame,
        system::settings::Fault,
        events::ChangeEvent
    ))
)]
struct Document;

/// The interface's description, as committed in `openapi.json`.
///
/// # Errors
/// Where the document has no JSON form: a fault of this program.
pub fn openapi() -> Result<String, serde_json::Error> {
    let mut document = Document::openapi();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            // The handlers' short names, which repeat; path and method name an operation well enough.
            operation.operation_id = None;
        }
    }
    Ok(document.to_pretty_json()? + "\n")
}
