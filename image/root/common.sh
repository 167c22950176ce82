# Shared by make-root and enter: where things are, and how a failure is told.
# Sourced, never run.

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${TABELLION_CACHE:-${HOME:-/root}/.cache/tabellion}
suite=trixie
. "$repo/image/root/arch.sh"
lists=("$repo/image/packages/runtime.list" "$repo/image/packages/build.list" "$repo/image/packages/test.list"
    "$repo/image/packages/image.list")
[ "$arch" = amd64 ] || lists+=("$repo/image/packages/cross-$arch.list")

# Names the fault and the remedy, then stops. $1: what is wrong, $2: what to do.
fail() {
    printf '\nerror: %s\n  what to do: %s\n' "$1" "$2" >&2
    exit 1
}

# Prints a step's name, runs it with its output in a log, prints how long it took.
# $1: name, $2: log file, rest: command. On failure the log's end is shown.
step() {
    local name=$1 log=$2 began=$SECONDS
    shift 2
    printf '  %-44s ' "$name …" >&2
    if "$@" >"$log" 2>&1; then
        printf '%4d s\n' $((SECONDS - began)) >&2
    else
        printf 'failed after %d s\n\n' $((SECONDS - began)) >&2
        tail -n 25 "$log" >&2
        return 1
    fi
}

packages() { listed "${lists[@]}" | sort -u; }

# The root's identity: suite, package lists, and the way it is made.
root_hash() { { echo "$suite"; packages; cat "$repo/image/root/make-root"; } | sha256sum | cut -c1-16; }

root_dir() { printf '%s/root-%s\n' "$cache" "$(root_hash)"; }

on_debian_13() { [ "$(. /etc/os-release 2>/dev/null; echo "${VERSION_CODENAME:-}")" = "$suite" ]; }

# What is free on the disk that a folder lies on.
free_megabytes() { df -Pm "$1" | awk 'NR==2{print $4}'; }
