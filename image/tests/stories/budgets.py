"""What a box may cost: the time until it serves, and what it writes while nobody uses it."""

import time
import urllib.error

from machine import Machine
from office import START_TIMEOUT, STARTED, expect

# Of the time that a bare Debian takes on the same machine in the same run, until its login prompt could come.
MOST_OF_BARE = 1.6
MOST_PER_DAY = 50 << 20
SERVING = "systemctl show -P MainPID tabellion tabellion-media"
REST = 600
DAILY = "systemd-tmpfiles-clean"


def start_compared(office):
    """From power on to the login page: no more than 1.6 times what a bare Debian takes to its end of starting."""
    bare = office.folder / "bare"
    Machine.new_disk(office.images / "bare/bare.raw", bare)
    ratios = []
    # In turns, and the best of both: a busy machine slows one as much as the other.
    box = office.box("start_compared")
    for turn in range(2):
        with Machine(bare, f"bare-{turn}", shell=False) as machine:
            theirs = machine.until("Reached target.*(multi-user|graphical).target", START_TIMEOUT)[0]
        with office.start(box, f"start-{turn}") as machine:
            ours = until_the_login_page(office, machine)
            machine.until(STARTED, START_TIMEOUT)
            machine.power_off()
        ratios.append((ours / theirs, ours, theirs))
    ratio, ours, theirs = min(ratios)
    expect(ratio <= MOST_OF_BARE, f"{ours:.0f} s against {theirs:.0f} s: {ratio:.2f} times, {MOST_OF_BARE} are the most")
    return f"{ours:.0f} s against {theirs:.0f} s, {ratio:.2f} times"


def until_the_login_page(office, machine):
    while True:
        try:
            if "<div id=" in office.get(timeout=2):
                return machine.age()
        except (OSError, urllib.error.URLError):
            pass
        expect(machine.age() < START_TIMEOUT, f"the login page comes within {START_TIMEOUT} s\n{machine.tail()}")
        time.sleep(0.2)


def writes_at_rest(office):
    """A box that nobody uses writes no more than 50 MiB a day to /var."""
    with office.running("writes_at_rest") as machine:
        # What the start itself writes is not rest, nor what it leaves to be written back after the ESP is put away.
        machine.run("until ! systemctl is-active --quiet boot.mount; do sleep 5; done", timeout=300)
        # Once a day, so it counts once: by itself it would come 15 minutes after the start, and be taken for rest.
        machine.run(f"systemctl stop {DAILY}.timer")
        time.sleep(60)
        daily = writes_of(machine, lambda: machine.run(f"systemctl start {DAILY}.service"))
        serving = machine.run(SERVING)
        rest = writes_of(machine, lambda: time.sleep(REST))
        expect(machine.run(SERVING) == serving, "nothing has restarted meanwhile")
        per_day = daily + rest * 86_400 / REST
        found = f"{rest >> 10} KiB in {REST // 60} min and {daily >> 10} KiB once: {per_day / (1 << 20):.1f} MiB a day"
        expect(per_day <= MOST_PER_DAY, f"{found}; 50 are the most")
        machine.power_off()
    return found


def writes_of(machine, work):
    """Bytes that go to the data partition because of this."""
    machine.run("sync")
    before = written(machine)
    work()
    # What it leaves to be written back, which takes the kernel half a minute.
    time.sleep(40)
    machine.run("sync")
    return written(machine) - before


def written(machine):
    """Bytes that went to the data partition (the 7th field of the kernel's Documentation/block/stat.rst, in 512 bytes)."""
    device = machine.run("basename $(readlink -f /dev/mapper/tabellion-var)")
    return int(machine.run(f"cat /sys/block/{device}/stat").split()[6]) * 512
