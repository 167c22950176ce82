#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::testing::TestBox;
use tabellion_domain::directory::DirectoryOrigin;
use tabellion_store::NewDirectory;

pub(super) const CSV: &str = "Entité;CRPCEN;Office;Nom;Code postal;Ville;Compte\n\
    Collaborateur;01001;Étude du Parc;LEFÈVRE Zoé;01000;Bourg-en-Bresse;1099010012\n\
    Notaire;01001;Étude du Parc;DUPONT Marie;01000;Bourg-en-Bresse;1099010011\n\
    Notaire;13002;SCP d’Ormesson;<b>MARTIN</b> Luc;13001;Marseille;1099130021\n";

/// A box with three people in its directory.
pub(in crate::endpoints) async fn with_a_directory() -> TestBox {
    let test = TestBox::new().await;
    let copy = tabellion_directory::csv::read(CSV.as_bytes()).unwrap();
    let origin = DirectoryOrigin::Demonstration;
    let new = NewDirectory { entries: copy.entries, origin, mark: None, refused: 0, by: None };
    test.state.store.replace_directory(new, test.state.clock.now()).await.unwrap();
    test
}
