"""What hangs comes back by itself."""

import json
import time

from office import START_TIMEOUT, STARTED, expect, install, served, version


def control_that_hangs(office):
    """The control process hangs: systemd's watchdog ends it, and it serves again; media go on meanwhile."""
    with office.running("control_that_hangs") as machine:
        first = machine.run("systemctl show -P MainPID tabellion")
        media = machine.run("systemctl show -P MainPID tabellion-media")
        machine.run(f"kill -STOP {first}")
        began = time.monotonic()
        while (now := machine.run("systemctl show -P MainPID tabellion")) in (first, "0"):
            expect(time.monotonic() - began < 120, "control is started again within two minutes")
            time.sleep(1)
        took = time.monotonic() - began
        while machine.run("systemctl is-active tabellion", check=False) != "active":
            expect(time.monotonic() - began < 180, "control is ready again")
            time.sleep(1)
        expect("<div id=" in office.get(), "the login page is served")
        said = machine.run("journalctl -b -u tabellion -o cat | grep -i watchdog || true")
        expect("atchdog" in said, f"it was the watchdog: {said} {now}")
        expect(machine.run("systemctl show -P MainPID tabellion-media") == media, "the switchboard was left alone")
        machine.power_off()
        return f"{took:.0f} s until another process ran"


def machine_that_hangs(office):
    """The whole machine hangs: its hardware watchdog resets it, and it serves again."""
    box = office.box("machine_that_hangs")
    with office.start(box, "machine-hangs", watchdog=True) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect("watchdog0" in machine.run("ls /dev"), "the machine has a watchdog")
        # Whoever feeds it is frozen, and can neither be asked nor told.
        mark = machine.forget_shell()
        machine.shell.sendall(b"echo 1 > /sys/fs/cgroup/init.scope/cgroup.freeze\n")
        began = time.monotonic()
        machine.until(r"Linux version|EFI stub|Welcome to", 240, since=mark)
        took = time.monotonic() - began
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect(version(machine) == "0.1.0", "it serves again")
        machine.power_off()
        return f"{took:.0f} s until it was reset"


# The first part of the box that looks at which version it is hangs in 0.1.1; the deadline is for real disks.
HANGING = {
    "systemd.unit-dropin.tabellion-boot.service": "[Service]\n"
    "ExecStartPre=/bin/sh -c '! grep -q 0.1.1 /usr/lib/os-release || sleep infinity'\n",
    "systemd.unit-dropin.tabellion-deadline.timer": "[Timer]\nOnActiveSec=\nOnActiveSec=5min\n",
}


def start_that_hangs(office):
    """An update whose start neither ends nor fails: restarted at the deadline, and taken back."""
    with office.running("start_that_hangs", credentials=HANGING) as machine, served(office.images) as (url, _):
        install(machine, url, "0.1.1")
        # One start instead of three: `failing_gate` has them all.
        machine.run("mv /boot/EFI/Linux/tabellion_0.1.1+3-0.efi /boot/EFI/Linux/tabellion_0.1.1+1-0.efi && sync")
        mark, began = machine.reboot(), time.monotonic()
        machine.until("Mise à jour annulée", 3 * START_TIMEOUT, since=mark)
        took = time.monotonic() - began
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect(version(machine) == "0.1.0", "the former version serves again")
        rejected = json.loads(machine.run("cat /var/lib/tabellion-firmware/state.json"))["rejected"]
        expect("0.1.1" in rejected, f"and it is kept why: {rejected}")
        machine.power_off()
        return f"{took:.0f} s until the former version served"
