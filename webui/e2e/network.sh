#!/usr/bin/env bash
# network.sh COMMAND…: runs a command where only a box's network exists: the clients' side (10.77.0.2) is the
# command's own, the box's side (10.77.0.1) is the network namespace «box», entered by `nsenter --net=/run/netns/box`.
# Namespaces and processes end with the command, whatever it leaves behind: nothing touches this machine's own ports.
set -euo pipefail

[ "$(id -u)" = 0 ] || {
    printf 'error: a network of its own needs root rights\n  what to do: run it through image/root/enter\n' >&2
    exit 1
}

# The shell below is the first process of its namespace: its end ends everything inside.
exec unshare --net --mount --pid --fork --kill-child=KILL --mount-proc --propagation private bash -euc '
    # Its name is seen in here only, however often and however many at a time.
    mkdir -p /run/netns
    mount -t tmpfs tmpfs /run/netns
    ip link set lo up
    ip netns add box
    ip link add clients type veth peer name box netns box
    ip address add 10.77.0.2/24 dev clients
    # Somebody else, for what is counted by address.
    ip address add 10.77.0.3/24 dev clients
    ip link set clients up
    # Browsers without camera rights offer only the address of their default route.
    ip route add default via 10.77.0.1
    ip -n box link set lo up
    ip -n box address add 10.77.0.1/24 dev box
    ip -n box link set box up
    ip -n box route add default via 10.77.0.2
    # Lines end there (harness/line.ts): who is at one gets on to the clients.
    nsenter --net=/run/netns/box sh -c "echo 1 >/proc/sys/net/ipv4/ip_forward"

    "$@" &
    child=$!
    trap "kill -INT \$child 2>/dev/null" INT
    trap "kill -TERM \$child 2>/dev/null" TERM
    while :; do
        status=0
        wait "$child" || status=$?
        kill -0 "$child" 2>/dev/null || exit "$status"
    done
' _ "$@"
