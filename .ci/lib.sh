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
