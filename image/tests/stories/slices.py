"""What mixes has what is left over: signalling comes first."""

import time

from office import START_TIMEOUT, STARTED, expect

# Under emulation a page takes a second, and its machine is busy: what counts is that it is not the load's turn first.
AT_MOST = 20


def mixing_does_not_starve_signalling(office):
    """Studios that burn all of the CPU, and one that eats all of the memory: pages and SIP answer, the glutton alone ends."""
    box = office.box("mixing_does_not_starve_signalling")
    # The least that a box may have (docs/install.md).
    with office.start(box, "slices", memory=4096) as machine:
        machine.until(STARTED, START_TIMEOUT)
        serving = ["tabellion", "tabellion-media"]
        before = [machine.run(f"systemctl show -P MainPID {unit}") for unit in serving]
        quiet = slowest(office)

        for number in range(8):
            machine.run(
                f"systemd-run --quiet --unit=burns-{number} --slice=tabellion-studio.slice "
                "-p OOMScoreAdjust=500 sh -c 'while :; do :; done'"
            )
        burning = slowest(office)
        expect(burning < AT_MOST, f"pages and SIP answer beside 8 loops on 2 cores: {burning:.1f} s")

        # One piece that is larger than the slice's 70 % of the machine's memory; one read(2) alone gives 2 GiB at most.
        machine.run(
            "systemd-run --quiet --unit=eats --slice=tabellion-studio.slice -p OOMScoreAdjust=500 "
            "dd if=/dev/zero of=/dev/null bs=3500M count=1 iflag=fullblock"
        )
        began, worst = time.monotonic(), 0.0
        while machine.run("systemctl is-active eats", check=False) == "active":
            worst = max(worst, slowest(office, 1))
            expect(time.monotonic() - began < 300, "what eats the memory is ended within 5 min")
        expect(worst < AT_MOST, f"pages and SIP answer meanwhile: {worst:.1f} s")
        expect(machine.run("systemctl show -P Result eats") == "oom-kill", "it was the slice's limit")
        for number in range(8):
            expect(machine.run(f"systemctl is-active burns-{number}") == "active", "the other studios go on")
        after = [machine.run(f"systemctl show -P MainPID {unit}") for unit in serving]
        expect(after == before, f"control and media were left alone: {before} {after}")
        machine.run("systemctl stop 'burns-*'; systemctl reset-failed eats")
        machine.power_off()
        return f"slowest answer {quiet:.1f} s at rest, {burning:.1f} s beside the loops, {worst:.1f} s beside the glutton"


def slowest(office, looks=5):
    """The longest that a page or SIP took, of some, in seconds."""
    took = []
    for _ in range(looks):
        began = time.monotonic()
        expect("<div id=" in office.get(), "the login page is served")
        took.append(time.monotonic() - began)
        began = time.monotonic()
        expect(office.sip_status() == 401, "SIP answers")
        took.append(time.monotonic() - began)
    return max(took)
