use super::{LdapFailure, mapping, merge::Found};
use crate::csv::MOST_ENTRIES;
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry,
    adapters::{Adapter, EntriesOnly, PagedResults},
};
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{sync::Arc, time::Duration};
use tabellion_domain::settings::DirectoryServer;

/// The connection and its encryption are there within this.
const CONNECT: Duration = Duration::from_secs(15);
/// The next message comes within this.
const NEXT: Duration = Duration::from_secs(30);
/// Entries of one page (RFC 2696): servers give 500 to 1,000 at most.
const PAGE: i32 = 500;
/// invalidCredentials and inappropriateAuthentication (RFC 4511 appendix A.2).
const WRONG_LOGIN: [u32; 2] = [49, 48];

/// The entries that the settings name; those alone that have changed at or after `since`, where that is given.
pub(super) async fn fetch(server: &DirectoryServer, since: Option<&str>) -> Result<Found, LdapFailure> {
    let settings = LdapConnSettings::new()
        .set_conn_timeout(CONNECT)
        .set_starttls(true)
        .set_config(Arc::new(encryption(server.authority_pem.as_deref()).map_err(LdapFailure::Untrusted)?));
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, server.url.as_str()).await?;
    let driver = tokio::spawn(connection.drive());
    let found = ask(&mut ldap, server, since).await;
    // Also where the server goes on talking.
    driver.abort();
    found
}

async fn ask(ldap: &mut Ldap, server: &DirectoryServer, since: Option<&str>) -> Result<Found, LdapFailure> {
    if let Some(login) = &server.login {
        ldap.with_timeout(NEXT);
        let result = ldap.simple_bind(&login.dn, login.password.reveal()).await?;
        if WRONG_LOGIN.contains(&result.rc) {
            return Err(LdapFailure::Login);
        }
        result.success()?;
    }
    let filter = match since {
        // At or after: two changes may have one moment.
        Some(since) => format!("(&{}({}>={since}))", server.filter, mapping::CHANGED),
        None => server.filter.clone(),
    };
    let adapters: Vec<Box<dyn Adapter<_, _>>> =
        vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
    let attributes = mapping::asked_for(&server.attributes);
    let ldap = ldap.with_timeout(NEXT);
    let mut search =
        ldap.streaming_search_with(adapters, &server.base, Scope::Subtree, &filter, attributes).await?;
    let mut found = Found::default();
    while let Some(entry) = search.next().await? {
        found.take(mapping::read(SearchEntry::construct(entry), &server.attributes));
        if found.entries.len() > MOST_ENTRIES {
            return Err(LdapFailure::TooMany);
        }
    }
    search.finish().await.success()?;
    Ok(found)
}

/// Trusts the system's authorities, and one more where the settings name one.
fn encryption(authority_pem: Option<&str>) -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let extra = match authority_pem {
        Some(pem) => CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone())?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}
