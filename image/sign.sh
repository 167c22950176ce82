# Makes a folder of image/build an update that boxes take. Sourced by image/build.

# $1: folder, $2: version, $3: keys. Leaves SHA256SUMS and its signature for this version's files, and all of them in one
# file, for uploads and USB sticks (`domain::updates::Container`: the list first).
sign_update() {
    local folder=$1 version=$2 keys=$3
    (
        cd "$folder"
        sha256sum "tabellion_$version.efi" "tabellion_$version".root-*.raw >SHA256SUMS
        rm -f SHA256SUMS.gpg
        gpg --homedir "$keys/update-signing" --batch --quiet --detach-sign --output SHA256SUMS.gpg SHA256SUMS
        tar --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=0644 --mtime="@${SOURCE_DATE_EPOCH:-0}" \
            --create --file "tabellion_$version.update" SHA256SUMS SHA256SUMS.gpg \
            "tabellion_$version.efi" "tabellion_$version".root-*.raw
        gpgconf --homedir "$keys/update-signing" --kill all
    )
}
