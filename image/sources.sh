# What an image is made of. Sourced, after image/root/common.sh.

# Writes apt's sources into the folder $1, for mkosi's --sandbox-tree: the mirror of the root that this runs in.
package_sources() {
    local mirror
    mirror=$(awk '$1=="deb"{print $2; exit}' /etc/apt/sources.list)
    mkdir -p "$1/etc/apt/sources.list.d"
    cat >"$1/etc/apt/sources.list.d/mkosi.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite $suite-updates
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: ${mirror%/debian*}/debian-security
Suites: $suite-security
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
}

# What an image of a profile is made of, one checksum a line. Two images of the same inputs are the same, but for their keys.
image_inputs() { # profile
    (
        cd "$repo"
        echo "$1 $arch"
        find image/mkosi image/packages image/build image/root/arch.sh image/keys.sh image/sign.sh systemd webui/dist -type f -print0 |
            sort -z | xargs -0 sha256sum
        sha256sum "${built#"$repo/"}/${1/dev/debug}"/tabellion{,-media,-studio,-firmware,-selftest,-hwtest}
    )
}
