"""Setting a box up: by its page, by credentials of the EFI system partition, and what may be wrong with a new box."""

import re
import socket
import struct
import subprocess
import threading
import time
import tomllib
from contextlib import contextmanager

from machine import Failure
from office import IMPATIENT, SETUP, START_TIMEOUT, STARTED, addresses, expect, health
from visitor import Visitor

SHOWN_CODE = r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b"
AWAITS = "attend sa mise en service"
# What a change of the network that nobody confirms takes: a minute, and the network's own time.
UNDOING = 150


def set_up_by_the_page(office):
    """A new box, without anything: the screen shows address and code, guesses are limited, the page sets it up."""
    box = office.new_box("set_up_by_the_page")
    with office.start(box, "page", credentials=IMPATIENT) as machine:
        code = code_on_the_screen(machine)
        took = machine.age()
        page = Visitor(office)
        expect("<div id=" in office.get("/installation"), "the set-up page is served")
        expect(page.ask("GET", "/api/health")[0] == 200, "the health gate is answered")
        expect(page.ask("GET", "/api/session")[0] == 404, "and nothing else is")
        rules = machine.run("nft list ruleset")
        expect("443" in rules and "5060" not in rules, f"only the page's port is open: {rules}")

        statuses = [page.ask("POST", "/api/setup/code", {"code": "00000000"})[0] for _ in range(6)]
        expect(statuses == [403] * 4 + [429] * 2, f"who guesses is slowed down: {statuses}")
        another = machine.until_screen(f"(?!{code}){SHOWN_CODE}", 60)
        code = re.search(SHOWN_CODE, another)[0]
        eventually(90, lambda: page.ask("POST", "/api/setup/code", {"code": code})[0] == 200, "the new code opens the page")

        faulty = settings(office={"crpcen": "?"}, network={"interface": "eth9"})
        status, answer = page.ask("POST", "/api/setup", {"code": code, "settings": faulty, "apply": True})
        expect(status == 422 and "office.crpcen" in answer, f"a fault is told beside its field: {answer}")
        expect(page.ask("GET", "/api/setup")[1]["stage"] == "to_set_up", "and nothing is applied")

        apply(page, code, settings())
        is_set_up(machine, page, "setup_page")
        shown = machine.until_screen("En service", 60)
        expect("Office Notarial de la Place" in shown and "10.0.2.15" in shown, f"the screen says so: {shown}")
        expect(not re.search(SHOWN_CODE, shown), "the code is gone")
        files = machine.run("ls /run/tabellion-settings /var/lib/tabellion")
        expect("setup-page.json" not in files and "set-up" in files, f"from everywhere: {files}")
        expect("5060" in machine.run("nft list ruleset"), "SIP is let in")
        machine.power_off()
    return f"{took:.0f} s to a code on the screen"


def moved_by_the_page(office):
    """An address that nobody reaches is taken back after a minute; one that is reached is confirmed there."""
    box = office.new_box("moved_by_the_page")
    with office.start(box, "moved", credentials=IMPATIENT) as machine:
        code = code_on_the_screen(machine)
        page = Visitor(office)
        apply(page, code, settings(network={"mode": "fixed", "address": "192.168.77.5/24"}))
        machine.until_screen("à l'essai", 60)
        eventually(30, lambda: "192.168.77.5" in addresses(machine), "the address is tried out")
        machine.until_screen(AWAITS, UNDOING)
        eventually(60, lambda: stage(page) == "to_set_up", "the box is back where it was")
        files = machine.run("ls /run/tabellion-settings")
        expect("settings.json" not in files, f"the operating system is told nothing: {files}")
        expect(page.ask("GET", "/api/session")[0] == 404, "and there is no espace client")

        fixed = {"mode": "fixed", "address": "10.0.2.15/24", "gateway": "10.0.2.2", "dns": ["10.0.2.3"]}
        apply(page, code, settings(network=fixed))
        early = page.ask("POST", "/api/setup/confirmation", {"code": code})[0]
        expect(early == 425, f"the network has its time first: {early}")
        confirmed = lambda: page.ask("POST", "/api/setup/confirmation", {"code": code})[0] == 204  # noqa: E731
        eventually(40, confirmed, "who reaches the box confirms")
        is_set_up(machine, page, "setup_page")
        expect("DHCP" not in addresses(machine), "the address is the settings'")
        machine.power_off()
    return "one undone, one confirmed"


def set_up_by_a_credential_of_the_esp(office):
    """A set-up file among the credentials of the EFI system partition, for a machine without a TPM."""
    box = office.new_box("set_up_by_a_credential_of_the_esp")
    encrypt = ["systemd-creds", "encrypt", "--with-key=null", "--name=tabellion.setup", "-", "-"]
    sealed = subprocess.run(encrypt, input=SETUP.encode(), check=True, capture_output=True).stdout
    put_on_the_esp(box / "disk.raw", "tabellion.setup.cred", sealed)
    with office.start(box, "esp") as machine:
        machine.until(STARTED, START_TIMEOUT)
        is_set_up(machine, Visitor(office), "esp_credential")
        machine.power_off()
    return "with the null key"


def sealed_credential(office):
    """A set-up file on the EFI system partition that only this machine's TPM opens."""
    box = office.new_box("sealed_credential")
    with office.start(box, "sealing", tpm=box / "tpm", credentials=IMPATIENT) as machine:
        code_on_the_screen(machine)
        lines = " ".join(f"'{line}'" for line in SETUP.replace("'", "").splitlines())
        machine.run("mkdir -p /boot/loader/credentials")
        machine.run(
            f"printf '%s\\n' {lines} | systemd-creds encrypt --with-key=tpm2 --name=tabellion.setup - "
            "/boot/loader/credentials/tabellion.setup.cred"
        )
        machine.run("sync")
        machine.power_off()
    with office.start(box, "sealed", tpm=box / "tpm") as machine:
        machine.until(STARTED, START_TIMEOUT)
        is_set_up(machine, Visitor(office), "esp_credential")
        machine.power_off()
    return "with the TPM's key"


def wrong_time(office):
    """A new box whose clock shows 2001: it starts, shows its page, and has the time once a server tells it."""
    box = office.new_box("wrong_time")
    with time_server(), office.start(box, "2001", rtc="2001-01-01T00:00:00", credentials=IMPATIENT) as machine:
        code = code_on_the_screen(machine)
        year = int(machine.run("date +%Y"))
        expect(year >= 2024, f"no box lives before its operating system was made: {year}")
        page = Visitor(office)
        apply(page, code, settings(time={"ntp": ["10.0.2.2"]}))
        is_set_up(machine, page, "setup_page")
        near = lambda: abs(int(machine.run("date +%s")) - time.time()) < 30  # noqa: E731
        eventually(180, near, "the clock is right")
        # The certificate that a wrong clock has made is replaced, and the pages are there with the new one.
        eventually(150, lambda: certificate_is_valid(office.https_port), "and so is the certificate")
        expect("<div id=" in office.get(), "the login page is served")
        machine.power_off()
    return f"began in {year}"


def without_a_network(office):
    """A new box without a cable: the screen says so; with the cable plugged in it is there, without a restart."""
    box = office.new_box("without_a_network")
    with office.start(box, "no-cable", cable=False, credentials=IMPATIENT) as machine:
        shown = machine.until_screen("branchez le câble", START_TIMEOUT)
        expect("https://" not in shown, f"no address is named: {shown}")
        machine.until("Reached target.*multi-user.target", START_TIMEOUT)
        took = machine.age()
        expect(machine.run("systemctl --failed --no-legend --plain") == "", "a cable that is out fails no unit")
        checks = health(machine)
        expect(all(check["passed"] for check in checks.values()), f"and no check: {checks}")
        machine.plug(True)
        code = code_on_the_screen(machine)
        page = Visitor(office)
        eventually(60, lambda: stage(page) == "to_set_up", "the set-up page is served")
        apply(page, code, settings())
        is_set_up(machine, page, "setup_page")
        machine.power_off()
    return f"started after {took:.0f} s, set up after the cable"


def unreadable_stick(office):
    """A stick with another file system than FAT, and a broken one: the screen says what to do, and the page is there instead."""
    box = office.new_box("unreadable_stick")
    stick = box / "stick.img"
    with open(stick, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-L", "TABELLION", stick], check=True)
    with open(stick, "r+b") as file:
        # The superblock stays, and with it the label; what it describes is gone.
        file.seek(2048)
        file.write(b"\xff" * (1 << 20))
    with office.start(box, "broken-stick", stick=stick, credentials=IMPATIENT) as machine:
        shown = machine.until_screen("ne peut pas être lue", START_TIMEOUT)
        expect("remplacez-la" in " ".join(shown.split()), f"the screen says what to do: {shown}")
        code = code_on_the_screen(machine)
        page = Visitor(office)
        apply(page, code, settings())
        is_set_up(machine, page, "setup_page")
        machine.power_off()
    return "set up by the page"


def settings(**changes):
    """The tests' settings as the page sends them."""
    document = tomllib.loads(SETUP)
    for table, keys in changes.items():
        document[table] = document.get(table, {}) | keys
    return document


def code_on_the_screen(machine):
    """The one-time code, read from the attached screen."""
    machine.until_shell(START_TIMEOUT)
    shown = machine.until_screen(SHOWN_CODE, START_TIMEOUT)
    expect(AWAITS in shown and "/installation" in shown, f"the screen says what to do: {shown}")
    expect("█" in shown, "and has a QR code")
    return re.search(SHOWN_CODE, shown)[0]


def apply(page, code, document):
    status, answer = page.ask("POST", "/api/setup", {"code": code, "settings": document, "apply": True})
    expect(status == 200, f"the settings are taken: {answer}")


def stage(page):
    """How far the set-up is; the status where there is none; None where nobody answers."""
    try:
        status, answer = page.ask("GET", "/api/setup")
    except OSError:
        return None
    return answer["stage"] if status == 200 else status


def is_set_up(machine, page, author):
    """The settings are in force, the espace client is served, and the journal says by whom."""
    eventually(120, lambda: stage(page) == 404, "the espace client is served")
    eventually(60, lambda: machine.run("hostname") == "visio", "the host name is the settings'")
    expect("+04" in machine.run("date +%Z"), "the time zone is the settings'")
    login = {"login": "claire.moreau", "password": "Bien-trop-secret-2026"}
    eventually(60, lambda: page.ask("POST", "/api/session", login)[0] == 200, "the administrator is let in")
    found = machine.run(f"grep -aoc {author} /var/lib/tabellion/tabellion.db* | tr '\\n' ' '")
    expect(re.search(r":[1-9]", found), f"the journal says {author}: {found}")


def eventually(timeout, look, what):
    deadline = time.monotonic() + timeout
    while True:
        try:
            if look():
                return
        except OSError:
            pass
        expect(time.monotonic() < deadline, f"{what} (within {timeout} s)")
        time.sleep(2)


def put_on_the_esp(disk, name, content):
    """Writes a file into /loader/credentials of the disk's first partition, which is the EFI system partition."""
    with open(disk, "rb") as file:
        # GPT: entries from the second sector on; first sector of the partition at 32 (UEFI 2.10, 5.3.3).
        file.seek(2 * 512 + 32)
        offset = struct.unpack("<Q", file.read(8))[0] * 512
    at = f"{disk}@@{offset}"
    for folder in ("loader", "loader/credentials"):
        subprocess.run(["mmd", "-D", "s", "-i", at, f"::{folder}"], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["mcopy", "-i", at, "-", f"::loader/credentials/{name}"], input=content, check=True)


@contextmanager
def time_server():
    """Tells the machine the host's time (RFC 5905), at what QEMU's user network calls the host."""
    since_1900 = 2_208_988_800
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.1", 123))
        except OSError as problem:
            raise Failure(f"UDP port 123 of this machine, which a time server needs, cannot be used: {problem}") from problem

        def answer():
            while True:
                try:
                    asked, peer = server.recvfrom(512)
                except OSError:
                    return
                now = int((time.time() + since_1900) * 2**32)
                head = struct.pack(">BBbb3I", 0x24, 1, asked[2], -20, 0, 0, 0x4C4F434C)
                server.sendto(head + struct.pack(">Q", now) + asked[40:48] + struct.pack(">QQ", now, now), peer)

        threading.Thread(target=answer, daemon=True).start()
        yield


def certificate_is_valid(port):
    """Whether the certificate that is served is one of today."""
    told = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}"], input=b"", capture_output=True, check=False
    ).stdout
    dates = subprocess.run(["openssl", "x509", "-noout", "-checkend", "0", "-startdate"], input=told, capture_output=True)
    if dates.returncode != 0:
        return False
    begin = re.search(rb"notBefore=(.*)", dates.stdout)
    return bool(begin) and time.strptime(begin[1].decode().strip(), "%b %d %H:%M:%S %Y %Z") < time.gmtime()
