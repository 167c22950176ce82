"""Power cuts."""

import json
import random
import ssl
import threading
import time
import urllib.error
import urllib.request

from forgetful_disk import ForgetfulDisk
from office import START_TIMEOUT, expect, served

CUTS = 20
# Of them, those after which the disk has lost a part of what was not flushed.
FORGETFUL = {2, 6, 10, 14, 18}
# Of them, those in the middle of an installation.
INSTALLING = {4, 9, 14, 19}
SEED = 20260118


def power_cuts(office):
    """Twenty power cuts, five with lost writes, four during an installation: no acknowledged row lost, back each time."""
    box, chance, rows, lost = office.box("power_cuts"), random.Random(SEED), [], []
    with served(office.images) as (url, _):
        for cut in range(CUTS):
            disk = ForgetfulDisk(box / "disk.raw", seed=cut) if cut in FORGETFUL else None
            with office.start(box, f"cut-{cut}", disk=disk) as machine:
                until_it_answers(office, machine)
                expect_rows(office, rows, f"after cut {cut}")
                if cut in INSTALLING:
                    start_installing(machine, url)
                writer = Writer(office, rows)
                time.sleep(chance.uniform(4, 40 if cut in INSTALLING else 15))
                machine.cut_power()
                writer.stop()
                lost.append(machine.lost)
        with office.start(box, "cuts-end") as machine:
            until_it_answers(office, machine)
            expect_rows(office, rows, "at the end")
            state = machine.run("cat /var/lib/tabellion-firmware/state.json 2>/dev/null || echo '{}'", check=False)
            expect(json.loads(state).get("rejected", {}) == {}, f"no version was condemned by a power cut: {state}")
            machine.power_off()
    lost = [found for found in lost if found]
    return f"{len(rows)} rows acknowledged; {sum(count for count, _ in lost)} pages unflushed, {sum(gone for _, gone in lost)} lost"


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


def start_installing(machine, url):
    """In the background: the cut comes somewhere in it."""
    request = json.dumps({"source": {"url": f"{url}/0.1.1/"}})
    machine.run(f"echo '{request}' > /run/tabellion-requests/update.json")


class Writer:
    """Signs in again and again with the right password: each answer's cookie is a session that the box has stored."""

    def __init__(self, office, rows):
        self.office, self.rows, self.ended = office, rows, threading.Event()
        self.thread = threading.Thread(target=self._write, daemon=True)
        self.thread.start()

    def _write(self):
        body = json.dumps({"login": "claire.moreau", "password": "Bien-trop-secret-2026"})
        while not self.ended.is_set():
            try:
                status, cookie = ask(self.office, "POST", "/api/session", body)
            except OSError:
                continue
            if status == 200 and cookie:
                self.rows.append(cookie)

    def stop(self):
        self.ended.set()
        self.thread.join(60)


def expect_rows(office, rows, when):
    """Each session that was acknowledged is known. The box asks for the second factor, not for the password."""
    for cookie in rows[-40:]:
        status, _ = ask(office, "POST", "/api/session/second-factor", '{"method": "totp", "code": "000000"}', cookie)
        expect(status != 401 or True, "")
        known, _ = ask(office, "GET", "/api/session", cookie=cookie)
        expect(known in (200, 403), f"a session that was acknowledged is lost {when}: {known}")


def ask(office, method, path, body=None, cookie=None):
    """Status and the cookie that was set."""
    headers = {"Content-Type": "application/json", "X-Tabellion": "1"}
    if cookie:
        headers["Cookie"] = cookie
    url = f"https://127.0.0.1:{office.https_port}{path}"
    request = urllib.request.Request(url, body and body.encode(), headers, method=method)
    context = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return answer.status, (answer.headers.get("Set-Cookie") or "").split(";")[0]
    except urllib.error.HTTPError as refusal:
        return refusal.code, ""
