use async_trait::async_trait;
use std::sync::Arc;
use tabellion_conference::Conference;
use tabellion_domain::Clock;
use tabellion_sip::{Binding, Device, DigestAlgorithm, Registry, RegistryError, ha1};
use tabellion_store::{Store, StoreError, StoredBinding};

/// The registrar's accounts and bindings, in the store; and, while one runs, the account of a rehearsal's room system.
pub(crate) struct StoreRegistry {
    store: Store,
    clock: Arc<dyn Clock>,
    conference: Conference,
    /// What passwords are hashed with.
    realm: String,
}

impl StoreRegistry {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, conference: Conference, realm: String) -> Self {
        Self { store, clock, conference, realm }
    }
}

#[async_trait]
impl Registry for StoreRegistry {
    async fn device(&self, username: &str) -> Result<Option<Device>, RegistryError> {
        if let Some(password) = self.conference.rehearsal_password(username) {
            let algorithm = DigestAlgorithm::default();
            return Ok(Some(Device {
                username: username.to_owned(),
                display_name: username.to_owned(),
                algorithm,
                ha1: ha1(algorithm, username, &self.realm, &password),
            }));
        }
        let Some(stored) = self.store.device(username).await.map_err(away)? else { return Ok(None) };
        let algorithm = DigestAlgorithm::parse(&stored.algorithm)
            .ok_or_else(|| RegistryError(format!("unknown digest algorithm {}", stored.algorithm)))?;
        Ok(Some(Device {
            username: stored.username,
            display_name: stored.display_name,
            algorithm,
            ha1: stored.ha1,
        }))
    }

    async fn save_binding(&self, binding: &Binding) -> Result<(), RegistryError> {
        let json = serde_json::to_string(binding).map_err(|error| RegistryError(error.to_string()))?;
        let stored = StoredBinding {
            device: binding.device.clone(),
            contact: binding.contact.clone(),
            json,
            expires_at: binding.expires_at,
        };
        self.store.save_binding(stored).await.map_err(away)
    }

    async fn remove_binding(&self, device: &str, contact: &str) -> Result<(), RegistryError> {
        self.store.remove_binding(device.to_owned(), Some(contact.to_owned())).await.map_err(away)
    }

    async fn bindings(&self, device: &str) -> Result<Vec<Binding>, RegistryError> {
        let all = self.store.bindings(self.clock.now()).await.map_err(away)?;
        all.into_iter()
            .filter(|binding| binding.device == device)
            .map(|binding| {
                serde_json::from_str(&binding.json).map_err(|error| RegistryError(error.to_string()))
            })
            .collect()
    }
}

fn away(error: StoreError) -> RegistryError {
    RegistryError(error.to_string())
}
