# Where the packages of an image come from. Sourced, after image/root/common.sh.

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
