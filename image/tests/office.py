"""What the stories share: an office's box, the images that it runs, and how it is looked at from outside."""

import functools
import http.server
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from machine import Failure, Machine

# The boxes' zone: four hours before UTC all year.
ZONE_AHEAD = 4


def hour(later):
    """«HH:MM» of the boxes' own clock, so many hours from now."""
    return time.strftime("%H:%M", time.gmtime(time.time() + (ZONE_AHEAD + later) * 3600))


# The maintenance window is far from the time of the tests: a box that restarts by itself would surprise a story.
SETUP = f"""\
[office]
name = "Office Notarial de la Place"
crpcen = "01234"
domain = "visio.office.test"
[names]
host = "visio"
[time]
zone = "Indian/Reunion"
[updates]
from = "{hour(11)}"
to = "{hour(12)}"
[administrator]
civility = "Maître"
first_name = "Claire"
last_name = "Moreau"
login = "claire.moreau"
email = "claire@office.test"
mobile = "06 12 34 56 78"
password = "Bien-trop-secret-2026"
"""

# The gate's patience is for real disks; what is broken here stays broken.
IMPATIENT = {
    "systemd.unit-dropin.tabellion-health.service": "[Service]\nExecStart=\n"
    "ExecStart=/usr/bin/tabellion-firmware check-health --without-selftest --patience 15\n"
}

# An emulated machine is too slow to mix: the self-test is `first_start`'s alone.
WITHOUT_SELFTEST = {
    "systemd.unit-dropin.tabellion-health.service": "[Service]\nExecStart=\n"
    "ExecStart=/usr/bin/tabellion-firmware check-health --without-selftest\n"
}

# The health gate has let this start pass.
STARTED = r"Finished tabellion-blessed"
# Under emulation, with another build beside it; the self-test alone takes minutes then.
START_TIMEOUT = 600

# How long a box that was set up is used, in seconds: the maintenance window that it knows comes nearer.
KEPT = 6 * 3600

INCOMING = "/var/lib/tabellion-update/incoming"


def expect(condition, what):
    if not condition:
        raise Failure(what)


class Office:
    """Where a story's boxes come from. Each story has a disk of its own, so that none depends on another."""

    def __init__(self, images, folder):
        self.images, self.folder = Path(images), Path(folder)
        self.https_port, self.sip_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)

    def new_box(self, name):
        """The folder of a box as it comes out of its carton: version 0.1.0, no settings."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        Machine.new_disk(self.images / "0.1.0/tabellion_0.1.0.raw", folder, gigabytes=8)
        return folder

    def box(self, name):
        """The folder of a box that was set up, started once, and put out in order."""
        return self._copy(self._set_up() / "off", name)

    def running(self, name, **options):
        """A box that was set up and has started. What started it is past: `credentials` are for its next start."""
        return self.start(self._copy(self._set_up() / "on", name), name, state=self._set_up() / "state", **options)

    def _set_up(self):
        """A box that is set up in its first start, once for all stories: as it then runs, and after it was put out. A run
        of the same images soon after finds it."""
        base, complete = self.folder / "set-up", self.folder / "set-up/complete"
        made_of = (self.images / "0.1.0/.inputs").read_text() + Path(__file__).with_name("machine.py").read_text()
        fresh = complete.exists() and time.time() - complete.stat().st_mtime < KEPT
        if not fresh or complete.read_text() != made_of:
            box = self.new_box("set-up")
            with self.start(box, "first-start", credentials={"tabellion.setup": SETUP}) as machine:
                machine.until(STARTED, START_TIMEOUT)
                machine.save(box / "state")
                self._copy_disks(box, box / "on")
                machine.qmp("cont")
                machine.power_off()
            self._copy_disks(box, box / "off")
            (box / "disk.raw").unlink()
            complete.write_text(made_of)
        return base

    def _copy(self, base, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        self._copy_disks(base, folder)
        return folder

    @staticmethod
    def _copy_disks(base, folder):
        folder.mkdir()
        for disk in ("disk.raw", "variables.fd"):
            subprocess.run(["cp", "--sparse=always", base / disk, folder / disk], check=True)

    def start(self, folder, name, *, credentials=None, selftest=False, also=(), **options):
        """Power on. `selftest`: whether the health gate is the whole one; `also`: what else is forwarded."""
        forward = [("tcp", self.https_port, 443), ("udp", self.sip_port, 5060), *also]
        handed = {**({} if selftest else WITHOUT_SELFTEST), **(credentials or {})}
        return Machine(folder, name, forward=forward, credentials=handed, **options)

    def get(self, path="/", timeout=30):
        """A page of the box; its text."""
        context = ssl._create_unverified_context()
        url = f"https://127.0.0.1:{self.https_port}{path}"
        with urllib.request.urlopen(url, context=context, timeout=timeout) as answer:
            return answer.read().decode()

    def sip_status(self):
        """The status that a REGISTER without credentials gets."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.settimeout(10)
            phone.connect(("127.0.0.1", self.sip_port))
            phone.send(register("%s:%d" % phone.getsockname()))
            return int(phone.recv(4096).split()[1])


def register(own):
    """A REGISTER without credentials, from an address and port."""
    return (
        f"REGISTER sip:visio.office.test SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKtest;rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:salle@visio.office.test>;tag=a\r\nTo: <sip:salle@visio.office.test>\r\n"
        f"Call-ID: test@{own}\r\nCSeq: 1 REGISTER\r\nContact: <sip:salle@{own}>\r\nExpires: 300\r\n"
        "Content-Length: 0\r\n\r\n".encode()
    )


def expect_the_esp_is_put_away_alone(machine):
    """Two minutes after its last use, systemd unmounts the EFI system partition: nothing else stops."""
    serving = "systemctl show -P MainPID tabellion tabellion-media"
    before = machine.run(serving)
    machine.run("systemctl stop boot.mount")
    expect("/boot vfat" not in machine.run("cat /proc/mounts"), "the EFI system partition is unmounted")
    expect(machine.run("systemctl is-active multi-user.target") == "active", "the box is still started")
    after = machine.run(serving)
    expect(after == before, f"and serves: {before} {after}")


def health(machine):
    """What the health gate has found, by check."""
    report = json.loads(machine.run("cat /run/tabellion-health/report.json"))
    return {check["check"]: check for check in report}


def version(machine):
    return machine.run(". /usr/lib/os-release; echo $IMAGE_VERSION")


def people(machine):
    return machine.run("grep -ao Claire /var/lib/tabellion/tabellion.db* 2>/dev/null | head -n 1")


def addresses(machine):
    """Of all its cards, and where each is from."""
    return machine.run("networkctl status --all --no-pager --lines=0 | sed -n '/Address:/,/Gateway:/p'")


def schema(machine):
    """The database's, as this start's health gate has read it: the file alone may not have it yet, but its log."""
    return int(re.search(r"schema (\d+)$", health(machine)["database"]["detail"])[1])


def schema_of_copy(machine, database):
    """`PRAGMA user_version`: four bytes at 60, the most significant first (sqlite.org/fileformat2.html)."""
    return int(machine.run(f"od -An -tu1 -j60 -N4 {database}").split()[-1])


def ask_for(machine, source, *, again=False):
    """Asks the updater as control does, through its unit and its sandbox; what it says in the end."""
    request = json.dumps({"source": source, "again": again})
    machine.run("rm -f /run/tabellion-updates/progress.json")
    machine.run(f"echo '{request}' > /run/tabellion-requests/update.json")
    began = time.monotonic()
    while True:
        progress = machine.run("cat /run/tabellion-updates/progress.json 2>/dev/null || echo '{}'")
        progress = json.loads(progress)
        if progress.get("state") in ("installed", "failed"):
            return progress
        expect(time.monotonic() - began < 900, f"the updater ends within 15 min: {progress}")
        time.sleep(2)


def install(machine, url, number):
    """Has the updater fetch and install a version."""
    progress = ask_for(machine, {"url": f"{url}/{number}/"}, again=True)
    expect(progress["state"] == "installed", f"{number} is installed: {progress}")


def refusal(machine, source, **options):
    """Why the updater refuses something."""
    progress = ask_for(machine, source, **options)
    expect(progress["state"] == "failed", f"it is refused: {progress}")
    return progress["reason"]


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(folder, cut_once=None):
    """An HTTP server for the machine, with ranges; a file whose name holds `cut_once` breaks off at half, once."""
    asked, cut = [], []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            wanted = re.match(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-"))
            start = int(wanted[1])
            asked.append((self.path, start))
            try:
                content = open(self.translate_path(self.path), "rb")
            except OSError:
                self.send_error(404)
                return
            with content:
                size = content.seek(0, 2)
                content.seek(start)
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(size - start))
                self.send_header("Accept-Ranges", "bytes")
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
                self.end_headers()
                breaks = cut_once and cut_once in self.path and not cut
                remaining = size // 2 if breaks else size - start
                while remaining > 0 and (chunk := content.read(min(1 << 20, remaining))):
                    self.wfile.write(chunk)
                    remaining -= len(chunk)
                if breaks:
                    cut.append(self.path)
                    self.close_connection = True

        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # What QEMU's user network calls the host.
        yield f"http://10.0.2.2:{server.server_port}", asked
        server.shutdown()
