"""Power cuts."""

import json
import random
import threading
import time
import urllib.error

from forgetful_disk import ForgetfulDisk
from office import START_TIMEOUT, expect, served
from visitor import Visitor

CUTS = 20
# Of them, those after which the disk has lost a part of what was not flushed.
FORGETFUL = {2, 6, 10, 14, 18}
# Of them, those in the middle of an installation.
INSTALLING = {4, 9, 14, 19}
SEED = 20260118


def power_cuts(office):
    """Twenty power cuts, five with lost writes, four during an installation: no acknowledged row lost, back each time."""
    box, chance, claire, rows, lost = office.box("power_cuts"), random.Random(SEED), Visitor(office), [], []
    with served(office.images) as (url, _):
        for cut in range(CUTS):
            disk = ForgetfulDisk(box / "disk.raw", seed=cut) if cut in FORGETFUL else None
            with office.start(box, f"cut-{cut}", disk=disk) as machine:
                until_it_answers(office, machine)
                if cut == 0:
                    claire.log_in()
                expect_rows(claire, rows, f"after {cut} cuts")
                if cut in INSTALLING:
                    request = json.dumps({"source": {"url": f"{url}/0.1.1/"}})
                    machine.run("rm -f /run/tabellion-updates/progress.json")
                    machine.run(f"echo '{request}' > /run/tabellion-requests/update.json")
                    # Each in another phase: while it is fetched, and while it is written.
                    phase = "downloading" if cut % 2 else "installing"
                    until_phase(machine, phase)
                writer = Writer(claire, rows)
                time.sleep(chance.uniform(4, 15))
                machine.cut_power()
                writer.stop()
                lost.append(machine.lost)
        with office.start(box, "cuts-end") as machine:
            until_it_answers(office, machine)
            expect_rows(claire, rows, "at the end")
            state = json.loads(machine.run("cat /run/tabellion-updates/state.json"))
            expect(state["rejected"] == {}, f"no version was condemned by a power cut: {state}")
            machine.power_off()
    lost = [found for found in lost if found]
    expect(sum(gone for _, gone in lost) > 0, f"the forgetful disk has lost something: {lost}")
    return f"{len(rows)} rows acknowledged; {sum(count for count, _ in lost)} pages unflushed, {sum(gone for _, gone in lost)} lost"


def until_phase(machine, phase):
    """The updater has begun with this."""
    began = time.monotonic()
    while phase not in machine.run("cat /run/tabellion-updates/progress.json 2>/dev/null || true"):
        expect(time.monotonic() - began < 600, f"the updater is {phase} within ten minutes")
        time.sleep(0.5)


def until_it_answers(office, machine):
    """The login page, whatever else still starts."""
    began = time.monotonic()
    while True:
        try:
            if "<div id=" in office.get(timeout=5):
                return
        except (OSError, urllib.error.URLError):
            pass
        expect(machine.process.poll() is None, "the machine is on")
        expect(time.monotonic() - began < START_TIMEOUT, f"no page within {START_TIMEOUT} s\n{machine.tail()}")
        time.sleep(1)


class Writer:
    """Creates meetings until it is stopped; those that the box has acknowledged are rows that it must never lose."""

    def __init__(self, claire, rows):
        self.claire, self.rows, self.ended = claire, rows, threading.Event()
        self.thread = threading.Thread(target=self._write, daemon=True)
        self.thread.start()

    def _write(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            name = f"Réunion {len(self.rows)}-{number}"
            meeting = {"description": name, "active": True, "code_active": False, "code": None}
            try:
                status, _ = self.claire.ask("POST", "/api/permanent-meetings", meeting)
            except OSError:
                # The power is off: this one was not acknowledged.
                continue
            if status == 201:
                self.rows.append(name)

    def stop(self):
        self.ended.set()
        self.thread.join(60)


def expect_rows(claire, rows, when):
    there, page = set(), 1
    while True:
        status, listed = claire.ask("GET", f"/api/permanent-meetings?page={page}")
        expect(status == 200, f"{when}, the session that was acknowledged is lost: {status}")
        there |= {meeting["name"] for meeting in listed["items"]}
        if page * listed["page_size"] >= listed["total"]:
            break
        page += 1
    gone = [name for name in rows if name not in there]
    expect(not gone, f"{when}, acknowledged meetings are lost: {gone}")
