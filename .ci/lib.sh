# Shared by the scripts beside it. Sourced, never run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
logs=target/logs
mkdir -p "$logs"

# Runs a step with its output in a log; says what and how long; on failure shows the log's end.
# $1: what is being done, $2: the log's name, rest: the command.
step() {
    local what=$1 log=$logs/$2.log began=$SECONDS
    shift 2
    printf '  %-44s ' "$what …" >&2
    if "$@" >"$log" 2>&1; then
        printf '%4d s\n' $((SECONDS - began)) >&2
    else
        printf 'failed after %d s (%s)\n\n' $((SECONDS - began)) "$log" >&2
        tail -n "${SHOW_LINES:-40}" "$log" >&2
        printf '\n' >&2
        return 1
    fi
}

# node_modules of a folder, installed from its lock file unless that was done for this lock file already.
node_modules() {
    local stamp=$1/node_modules/.installed-from
    cmp -s "$1/package-lock.json" "$stamp" && return
    step "npm packages of $1" "npm-${1//\//-}" sh -c 'cd "$1" && npm ci --no-audit --no-fund && cp package-lock.json node_modules/.installed-from' _ "$1"
}

need() {
    command -v "$1" >/dev/null || {
        printf 'error: %s is not installed\n  what to do: %s\n' "$1" "$2" >&2
        exit 1
    }
}

# $1: the least major version of Node that the pages' tools work with.
node_is_at_least() {
    local found
    found=$(node --version 2>/dev/null) || found=none
    case ${found#v} in
    [0-9]*) [ "$(cut -d. -f1 <<<"${found#v}")" -lt "$1" ] || return 0 ;;
    esac
    printf 'error: Node %s or later is needed, and this is %s\n  what to do: install Node %s with npm on the host\n' "$1" "$found" "$1" >&2
    exit 1
}

# Megabytes that a first build writes below target/ and node_modules, with some room.
build_megabytes=6000

# A full disk in the middle of a build is told by each compiler in its own way: better before.
room_for_a_build() {
    [ ! -e target/debug/tabellion ] || return 0
    local free
    free=$(df -Pm target | awk 'NR==2{print $4}')
    [ "$free" -lt $build_megabytes ] || return 0
    printf 'error: %s MB are free for the checkout, and building needs %s MB\n  what to do: free some space, or put the checkout on a larger disk\n' "$free" $build_megabytes >&2
    exit 1
}
