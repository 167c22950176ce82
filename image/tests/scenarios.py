"""What the firmware image must show, each a story of one box from its first start."""

import functools
import http.server
import json
import socket
import ssl
import threading
import time
import urllib.request
from contextlib import contextmanager

from machine import Failure, Machine

SETUP = """\
[office]
name = "Office Notarial de la Place"
crpcen = "01234"
domain = "visio.office.test"
[names]
host = "visio"
[time]
zone = "Indian/Reunion"
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
    "ExecStart=/usr/bin/tabellion-firmware check-health --patience 15\n"
}

STARTED = r"Finished tabellion-blessed"
# Under emulation, with another build beside it.
START_TIMEOUT = 420


def expect(condition, what):
    if not condition:
        raise Failure(what)


class Scenarios:
    """Runs in order; each goes on with the box that the one before has left."""

    def __init__(self, images, folder):
        self.images, self.folder = images, folder
        self.https_port, self.sip_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)

    def start(self, name, **options):
        forward = [("tcp", self.https_port, 443), ("udp", self.sip_port, 5060)]
        return Machine(self.folder, name, forward=forward, **options)

    def all(self):
        return [
            self.first_start,
            self.good_update,
            self.update_that_fails_its_gate,
            self.updates_that_are_refused,
            self.set_up_by_a_stick,
        ]

    def first_start(self):
        """First start: set up by a credential, login page served, SIP answers, no failed unit, settings in force."""
        Machine.new_disk(self.images / "0.1.0/tabellion_0.1.0.raw", self.folder, gigabytes=8)
        with self.start("first-start", credentials={"tabellion.setup": SETUP}) as machine:
            started = machine.until(STARTED, START_TIMEOUT)[0]
            expect("<div id=" in self.page(), "the login page is served")
            expect(self.sip_status() == 401, "REGISTER is asked for its password")
            expect(machine.run("systemctl --failed --no-legend --plain") == "", "no unit has failed")
            report = json.loads(machine.run("cat /run/tabellion-health/report.json"))
            expect(all(check["passed"] for check in report), f"the health gate passes: {report}")
            expect(machine.run("hostname") == "visio", "the host name is the settings'")
            expect("+04" in machine.run("date +%Z"), "the time zone is the settings'")
            rules = machine.run("nft list ruleset")
            expect("policy drop" in rules and "7000" in rules, f"the packet filter stands: {rules}")
            root = machine.run("findmnt -no SOURCE,FSTYPE,OPTIONS /")
            expect("erofs" in root and "ro" in root, f"the root is read-only: {root}")
            expect("crypto_LUKS" in machine.run("blkid /dev/disk/by-partlabel/tabellion-var"), "/var is encrypted")
            secret = machine.run("grep -c Bien-trop-secret /var/lib/tabellion/tabellion.db || true")
            expect(secret == "0", "the password is not stored in clear text")
            machine.power_off()
            return f"{started:.0f} s to a started box"

    def good_update(self):
        """A good update over HTTP, cut off once: resumed, passed, data kept."""
        with self.start("good-update") as machine, served(self.images, cut_once=".root-x86-64.") as (url, asked):
            machine.until(STARTED, START_TIMEOUT)
            machine.run(f"tabellion-firmware download {url}/0.1.1/", timeout=400)
            expect(any(start for path, start in asked if ".root-x86-64." in path), f"it went on where it was: {asked}")
            machine.run("tabellion-firmware install /var/lib/tabellion-firmware/incoming", timeout=400)
            mark, began = machine.reboot(), time.monotonic()
            machine.until(STARTED, START_TIMEOUT, since=mark)
            took = time.monotonic() - began
            expect(self.version(machine) == "0.1.1", "the new version runs")
            expect("tabellion_0.1.1.efi" in machine.run("ls /boot/EFI/Linux"), "its start is marked as good")
            expect("Claire" in self.people(machine), "the data are kept")
            machine.power_off()
            return f"{took:.0f} s from the restart to the mark"

    def update_that_fails_its_gate(self):
        """An update that starts, but does not do its work: taken back after three starts, and said why."""
        with self.start("failing-gate", credentials=IMPATIENT) as machine, served(self.images) as (url, _):
            machine.until(STARTED, START_TIMEOUT)
            machine.run(f"tabellion-firmware download {url}/0.1.2/", timeout=400)
            machine.run("tabellion-firmware install /var/lib/tabellion-firmware/incoming", timeout=400)
            mark, began = machine.reboot(), time.monotonic()
            machine.until(STARTED, 4 * START_TIMEOUT, since=mark)
            took = time.monotonic() - began
            expect(self.version(machine) == "0.1.1", "the former version serves again")
            state = json.loads(machine.run("cat /var/lib/tabellion-firmware/state.json"))
            rejected = state["rejected"]["0.1.2"]
            expect("les pages web ne répondent pas" in rejected["reason"], f"the reason is kept: {rejected}")
            expect(len(rejected["detail"]) > 5, "so are the journal's last lines")
            said = machine.run("journalctl -b -u tabellion-boot -o cat")
            expect("Mise à jour annulée" in said, f"the reason is said: {said}")
            expect("Claire" in self.people(machine), "the data are as before")
            again = machine.run("tabellion-firmware install /var/lib/tabellion-firmware/incoming 2>&1", check=False)
            expect("déjà été annulée" in again, f"it is not tried again by itself: {again}")
            machine.power_off()
            return f"{took:.0f} s until the former version served"

    def updates_that_are_refused(self):
        """Badly signed, tampered, older: refused with the reason, and nothing changed."""
        with self.start("refused") as machine, served(self.images) as (url, _):
            machine.until(STARTED, START_TIMEOUT)
            before = machine.run("ls /boot/EFI/Linux; lsblk -no PARTLABEL,PARTUUID")
            older = machine.run(f"tabellion-firmware download {url}/0.1.0/ 2>&1", check=False)
            expect("pas plus récente" in older, f"older: {older}")
            incoming = "/var/lib/tabellion-firmware/incoming"
            machine.run(f"tabellion-firmware download --again {url}/0.1.2/", timeout=400)
            machine.run(f"printf EVIL | dd of=$(ls {incoming}/*.root-x86-64.*.raw) bs=1 seek=4096000 conv=notrunc")
            install = f"tabellion-firmware install --again {incoming} 2>&1"
            tampered = machine.run(install, timeout=300, check=False)
            expect("altéré" in tampered, f"tampered: {tampered}")
            machine.run(f"echo '# x' >> {incoming}/SHA256SUMS")
            signed = machine.run(install, check=False)
            expect("signature" in signed, f"badly signed: {signed}")
            expect(machine.run("ls /boot/EFI/Linux; lsblk -no PARTLABEL,PARTUUID") == before, "nothing has changed")
            machine.power_off()
            return "three refusals"

    def set_up_by_a_stick(self):
        """A new box, a USB stick with faults: each line is named, nothing applied; the mended stick sets it up."""
        Machine.new_disk(self.images / "0.1.0/tabellion_0.1.0.raw", self.folder, gigabytes=8)
        faulty = SETUP.replace("crpcen =", "crpen =").replace("06 12 34 56 78", "six")
        stick = Machine.new_stick(self.folder / "stick.raw", {"setup.toml": faulty})
        with self.start("faulty-stick", stick=stick, credentials=IMPATIENT) as machine:
            machine.until("Failed to start tabellion-setup", START_TIMEOUT)
            said = machine.run("journalctl -b -u tabellion-setup -o cat")
            expect("Ligne 3" in said.replace("\u00a0", " ") and "crpcen" in said, f"the unknown key: {said}")
            expect("administrator.mobile" in said, f"and the number: {said}")
            expect("nothing of it is applied" in said, said)
            machine.power_off()
        Machine.new_stick(stick, {"setup.toml": SETUP})
        with self.start("stick", stick=stick) as machine:
            machine.until(STARTED, START_TIMEOUT)
            expect(machine.run("hostname") == "visio", "the settings of the stick are in force")
            machine.power_off()
        return "two starts"

    def page(self):
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(f"https://127.0.0.1:{self.https_port}/", context=context, timeout=30) as answer:
            return answer.read().decode()

    def sip_status(self):
        """The status that a REGISTER without credentials gets."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.settimeout(10)
            phone.connect(("127.0.0.1", self.sip_port))
            own = "%s:%d" % phone.getsockname()
            phone.send(
                f"REGISTER sip:visio.office.test SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKtest;rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:salle@visio.office.test>;tag=a\r\nTo: <sip:salle@visio.office.test>\r\n"
                f"Call-ID: test@{own}\r\nCSeq: 1 REGISTER\r\nContact: <sip:salle@{own}>\r\nExpires: 300\r\n"
                "Content-Length: 0\r\n\r\n".encode()
            )
            return int(phone.recv(4096).split()[1])

    @staticmethod
    def version(machine):
        return machine.run(". /usr/lib/os-release; echo $IMAGE_VERSION")

    @staticmethod
    def people(machine):
        return machine.run("grep -ao Claire /var/lib/tabellion/tabellion.db* | head -n 1")


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
            wanted = self.headers.get("Range", "bytes=0-")
            start = int(wanted.removeprefix("bytes=").split("-")[0])
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
