use crate::settings::Refusal;

/// What the TOML parser says, in French. The line itself is never quoted: a password may be in it.
pub(super) fn refusal(message: &str) -> Refusal {
    let is = |part: &str| message.contains(part);
    let (what, todo) = if is("duplicate key") {
        ("cette clé est déjà donnée plus haut", "Gardez une seule des deux lignes")
    } else if is("leading zero") {
        ("un nombre ne commence pas par zéro", "Mettez la valeur entre guillemets, par exemple \"01234\"")
    } else if is("must be quoted") || is("missing opening quote") {
        ("la valeur n’est pas entre guillemets", "Écrivez-la entre guillemets : clé = \"valeur\"")
    } else if is("quote") || is("basic string") || is("literal string") {
        ("un guillemet manque", "Ouvrez et fermez la valeur par le signe \"")
    } else if is("missing value") || is("key with no value") {
        ("la valeur manque", "Écrivez-la après le signe =, ou retirez cette ligne")
    } else if is("unclosed array") || is("missing comma between array elements") {
        ("la liste n’est pas complète", "Séparez ses éléments par des virgules et fermez-la par ]")
    } else if is("table") {
        ("le titre de la rubrique n’est pas complet", "Écrivez-le entre crochets, par exemple [network]")
    } else if is("assignment") || is("key-value pair") || is("`=`") || is("unquoted key") {
        (
            "cette ligne n’est pas de la forme clé = \"valeur\"",
            "Corrigez-la, ou commencez-la par # si c’est un commentaire",
        )
    } else {
        (
            "cette ligne n’est pas écrite comme le format TOML le demande",
            "Comparez-la avec le modèle de fichier",
        )
    };
    Refusal::new(what, todo)
}
