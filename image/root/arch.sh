# The architecture of the machines that the image is for: $TABELLION_ARCH, as Debian names it. Another than this machine's is
# compiled by a cross compiler, in a root of its own that has the libraries for that one. Sourced, after `repo` is set.

arch=${TABELLION_ARCH:-amd64}
case $arch in
amd64)
    rust_target=x86_64-unknown-linux-gnu mkosi_arch=x86-64
    built=$repo/target strip=strip
    ;;
arm64)
    rust_target=aarch64-unknown-linux-gnu mkosi_arch=arm64
    built=$repo/target/$rust_target strip=aarch64-linux-gnu-strip
    # For cargo, and for what cargo's build scripts start.
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export PKG_CONFIG_aarch64_unknown_linux_gnu=aarch64-linux-gnu-pkg-config
    ;;
*)
    printf '\nerror: no image is built for “%s”\n  what to do: use ARCH=amd64 or ARCH=arm64\n' "$arch" >&2
    exit 1
    ;;
esac

# The entries of package and plug-in lists, without comments; those that are marked [ARCH] for this architecture only.
listed() { # file…
    sed -e 's/#.*//' "$@" | awk -v mark="[$arch]" 'NF == 1 || $2 == mark {print $1}'
}

# Lets the kernel run programs of the architecture with QEMU until this shell ends, where it does not already.
run_foreign_programs() {
    local formats=/proc/sys/fs/binfmt_misc
    [ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats
    [ ! -e $formats/qemu-aarch64 ] || return 0
    # F: the interpreter is opened now, so that it is there in every other root, too (binfmt-misc.rst).
    cat /usr/lib/binfmt.d/qemu-aarch64.conf >$formats/register
    trap "echo -1 >$formats/qemu-aarch64" EXIT
}
