# Makes a folder of image/build an update that boxes take. Sourced by image/build.

# $1: folder, $2: version, $3: keys. Leaves SHA256SUMS and its signature for this version's files.
sign_update() {
    local folder=$1 version=$2 keys=$3
    (
        cd "$folder"
        sha256sum "tabellion_$version.efi" "tabellion_$version".root-x86-64*.raw >SHA256SUMS
        rm -f SHA256SUMS.gpg
        gpg --homedir "$keys/update-signing" --batch --quiet --detach-sign --output SHA256SUMS.gpg SHA256SUMS
        gpgconf --homedir "$keys/update-signing" --kill all
    )
}
