# The keys that an image is signed with. Sourced by image/build.
#   secure-boot.key/.crt    the boot loader and the kernel (UEFI db)
#   pcr-signing.key/.crt    what the TPM unlocks /var for
#   update-signing/         a GnuPG home: the list of an update's files; its public half: update-signing.pub.gpg
# A release gives the path of its own in TABELLION_KEYS. Without, development keys are made, and say so.

development_keys_if_missing() {
    local folder=$1 name
    for name in secure-boot.key secure-boot.crt pcr-signing.key pcr-signing.crt update-signing.pub.gpg; do
        [ -f "$folder/$name" ] && continue
        [ -z "${TABELLION_KEYS:-}" ] || fail "the key $folder/$name is missing" \
            "give the folder of the release keys in TABELLION_KEYS, or leave it unset for development keys"
        make_development_keys "$folder"
        return
    done
    [ -n "${TABELLION_KEYS:-}" ] || echo "  signed with DEVELOPMENT keys ($folder): never for an office" >&2
}

make_development_keys() {
    local folder=$1 name
    rm -rf "$folder"
    mkdir -p "$folder"
    chmod 700 "$folder"
    for name in secure-boot pcr-signing; do
        openssl req -new -x509 -newkey rsa:2048 -noenc -sha256 -days 3650 \
            -subj "/CN=Tabellion $name, DEVELOPMENT, never for an office/" \
            -keyout "$folder/$name.key" -out "$folder/$name.crt" 2>/dev/null
    done
    mkdir -m 700 "$folder/update-signing"
    gpg --homedir "$folder/update-signing" --batch --quiet --passphrase '' --quick-generate-key \
        'Tabellion updates, DEVELOPMENT, never for an office' rsa3072 sign 0
    gpg --homedir "$folder/update-signing" --batch --quiet --export >"$folder/update-signing.pub.gpg"
    gpgconf --homedir "$folder/update-signing" --kill all
    echo "  made DEVELOPMENT keys in $folder: an image that is signed with them is never for an office" >&2
}
