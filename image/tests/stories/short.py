"""The story that belongs to every test: the firmware's promises in one life of one machine."""

import json

from office import (
    IMPATIENT,
    SETUP,
    START_TIMEOUT,
    STARTED,
    expect,
    expect_the_esp_is_put_away_alone,
    install,
    people,
    schema,
    served,
    version,
)

# Control of 0.1.1 does not start for as long as this file is there.
BROKEN = "/var/lib/tabellion/broken"
BREAKABLE = {
    "systemd.unit-dropin.tabellion.service": "[Service]\n"
    f"ExecStartPre=/bin/sh -c '! test -e {BROKEN} || ! grep -q 0.1.1 /usr/lib/os-release'\n"
}


def life_of_a_box(office):
    """First start; an update whose gate fails, taken back; the same update once it works, cut off once: blessed, data kept."""
    box = office.new_box("life_of_a_box")
    credentials = {"tabellion.setup": SETUP, **IMPATIENT, **BREAKABLE}
    with office.start(box, "life", credentials=credentials) as machine:
        first = machine.until(STARTED, START_TIMEOUT)[0]
        expect("<div id=" in office.get(), "the login page is served")
        expect(office.sip_status() == 401, "REGISTER is asked for its password")
        expect(machine.run("systemctl --failed --no-legend --plain") == "", "no unit has failed")
        granted = machine.run("cat /proc/sys/net/core/rmem_max /proc/sys/net/core/wmem_max").split()
        expect(granted == ["4194304", "4194304"], f"media sockets are given what they ask for: {granted}")
        report = json.loads(machine.run("cat /run/tabellion-health/report.json"))
        expect(all(check["passed"] for check in report), f"the health gate passes: {report}")
        expect_the_esp_is_put_away_alone(machine)
        before = schema(machine)
        with served(office.images, cut_once=".root-x86-64.") as (url, asked):
            machine.run(f"touch {BROKEN}")
            install(machine, url, "0.1.1")
            expect(any(start for path, start in asked if ".root-x86-64." in path), f"it went on where it was: {asked}")
            # One start instead of three: `failing_gate` has them all.
            machine.run("mv /boot/EFI/Linux/tabellion_0.1.1+3-0.efi /boot/EFI/Linux/tabellion_0.1.1+1-0.efi && sync")
            mark = machine.reboot()
            machine.until("Mise à jour annulée", 2 * START_TIMEOUT, since=mark)
            machine.until(STARTED, START_TIMEOUT, since=mark)
            expect(version(machine) == "0.1.0", "the former version serves again")
            state = json.loads(machine.run("cat /var/lib/tabellion-firmware/state.json"))
            expect("0.1.1" in state["rejected"], f"and it is kept why: {state}")
            expect(schema(machine) == before, f"the data have the form that they had: {before} {schema(machine)}")
            expect("Claire" in people(machine), "the data are as before")
            machine.run(f"rm {BROKEN}")
            install(machine, url, "0.1.1")
        mark = machine.reboot()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect(version(machine) == "0.1.1", "the new version runs")
        expect("tabellion_0.1.1.efi" in machine.run("ls /boot/EFI/Linux"), "its start is marked as good")
        expect("Claire" in people(machine), "the data are kept")
        machine.power_off()
    return f"{first:.0f} s to a started box"
