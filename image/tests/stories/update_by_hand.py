"""Updates that an administrator brings: uploaded, or on a USB stick; when the box restarts; and a disk that is full."""

import io
import os
import re
import shutil
import subprocess
import tarfile
import threading
import time
from pathlib import Path

from office import SETUP, START_TIMEOUT, STARTED, ask_for, expect, hour, people, served, version
from visitor import Visitor

# Another one after each start (random(4)).
BOOT = "cat /proc/sys/kernel/random/boot_id"
JOURNAL_MIB = "du -sm /var/log/journal | cut -f1"

PIECE = 1 << 20
UPLOADS = "/var/lib/tabellion-upload"


def uploaded_update(office):
    """An update from the administrator's machine: what is cut off, foreign or tampered with is refused; the good one runs."""
    claire = Visitor(office)
    good = office.images / "0.1.1/tabellion_0.1.1.update"
    with office.running("uploaded_update") as machine:
        claire.log_in()
        size = good.stat().st_size
        claire.upload(pieces(good), size, stop_after=size // 4)
        gone(machine, UPLOADS)
        status, refusal = claire.upload([b"\xff" * PIECE], PIECE)
        message = refusal["error"]["message"]
        expect((status, "n’est pas une mise à jour" in message) == (422, True), f"a photograph: {status} {message}")
        status, refusal = claire.upload([b""], 5 << 30)
        expect(status == 413, f"what is too large: {status} {refusal}")
        for what, content, reason in (
            ("tampered with", tampered(office), "altéré"),
            ("for another architecture", for_another_architecture(office, machine.folder), "architecture"),
            ("signed by nobody", unsigned(office), "signature"),
        ):
            status, answer = claire.upload([content], len(content))
            expect(status == 202, f"one that is {what} looks like an update: {status} {answer}")
            failure = claire.update_ended()["failure"]
            expect(failure and reason in failure, f"one that is {what} is refused: {failure}")
            gone(machine, UPLOADS)
        status, answer = claire.upload(pieces(good), size)
        expect(status == 202, f"the good one is taken: {status} {answer}")
        view = claire.update_ended()
        expect(view["installed"] == "0.1.1", f"it is installed: {view}")
        gone(machine, UPLOADS)
        mark, began = machine.forget_shell(), time.monotonic()
        status, answer = claire.ask("POST", "/api/system/updates/restart", {"despite_people": False})
        expect(status == 202, f"the box restarts when asked: {status} {answer}")
        machine.until(STARTED, START_TIMEOUT, since=mark)
        took = time.monotonic() - began
        expect(version(machine) == "0.1.1", "the new version runs")
        expect("Claire" in people(machine), "the data are kept")
        machine.power_off()
        return f"{size >> 20} MiB; {took:.0f} s from the request to the mark"


def update_from_a_stick(office):
    """A stick in a running box starts nothing; asked for, its update is copied. Pulled out half way: said so, nothing lost."""
    claire = Visitor(office)
    with office.running("update_from_a_stick") as machine:
        stick = stick_with(office.images / "0.1.1/tabellion_0.1.1.update", machine.folder / "stick.raw")
        machine.insert(stick)
        claire.log_in()
        expect(machine.run("readlink -f /dev/disk/by-label/TABELLION").startswith("/dev/sd"), "the stick is there")
        expect(claire.updates()["activity"]["state"] == "idle", "it starts nothing by itself")
        from_stick = {"from": "stick", "again": False}
        expect(claire.ask("POST", "/api/system/updates/installation", from_stick)[0] == 202, "it is asked for")
        began = time.monotonic()
        while (activity := claire.updates()["activity"])["state"] != "copying" or activity["done"] == 0:
            expect(activity["state"] != "idle" and time.monotonic() - began < 120, f"it is being copied: {activity}")
        machine.pull()
        failure = claire.update_ended()["failure"]
        expect(failure and "clé USB ne se lit plus" in failure, f"it is said that the stick is gone: {failure}")
        gone(machine, "/var/lib/tabellion-stick")
        expect(claire.ask("POST", "/api/system/updates/installation", from_stick)[0] == 202, "it is asked for again")
        failure = claire.update_ended()["failure"]
        expect(failure and "Aucune clé USB" in failure, f"it is said that there is none: {failure}")
        machine.insert(stick)
        expect(claire.ask("POST", "/api/system/updates/installation", from_stick)[0] == 202, "it is asked for once more")
        view = claire.update_ended()
        expect(view["installed"] == "0.1.1", f"it is installed: {view}")
        gone(machine, "/var/lib/tabellion-stick")
        expect("/run/tabellion-stick" not in machine.run("cat /proc/mounts"), "the stick is free to be pulled out")
        mark = machine.reboot()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect(version(machine) == "0.1.1", "the new version runs")
        machine.power_off()
        return "pulled out once, plugged in again"


def waits_for_a_meeting(office):
    """An installed update waits for the end of a meeting, however open the maintenance window is; then it starts by itself."""
    box, claire = office.new_box("waits_for_a_meeting"), Visitor(office)
    # Open for all of the day but the hour before now.
    setup = re.sub(r"from = .*\nto = .*\n", f'from = "{hour(0)}"\nto = "{hour(-1)}"\n', SETUP)
    credentials = {"tabellion.setup": setup}
    with office.start(box, "waits", credentials=credentials) as machine, served(office.images) as (url, _):
        machine.until(STARTED, START_TIMEOUT)
        claire.log_in()
        meeting = {"description": "Vente", "active": True, "code_active": False, "code": None}
        status, meeting = claire.ask("POST", "/api/permanent-meetings", meeting)
        expect(status == 201, f"a meeting is made: {status} {meeting}")
        with Somebody(claire, meeting["id"]):
            progress = ask_for(machine, {"url": f"{url}/0.1.1/"})
            expect(progress["state"] == "installed", f"it is installed: {progress}")
            view = claire.updates()
            expect((view["installed"], view["people"] > 0) == ("0.1.1", True), f"it waits: {view}")
            status, refusal = claire.ask("POST", "/api/system/updates/restart", {"despite_people": False})
            expect((status, "people_meet" in refusal) == (409, True), f"nobody is cut off unasked: {status} {refusal}")
            # The box asks itself twice a minute.
            before = machine.run(BOOT)
            time.sleep(100)
            expect(machine.run(BOOT) == before, "it does not restart while somebody is there")
        mark, began = machine.forget_shell(), time.monotonic()
        machine.until(STARTED, START_TIMEOUT + 240, since=mark)
        expect(version(machine) == "0.1.1", "it has restarted into the update by itself")
        machine.power_off()
        return f"{time.monotonic() - began:.0f} s from the end of the meeting to the mark"


def full_disk(office):
    """A full data partition: downloads and the journal give way, the database goes on; an upload is refused politely."""
    claire = Visitor(office)
    with office.running("full_disk") as machine:
        claire.log_in()
        incoming = "/var/lib/tabellion-update/incoming"
        machine.run(f"mkdir -p {incoming}; fallocate -l 100M {incoming}/tabellion_0.0.9.efi")
        machine.run("chown -R tabellion-update: /var/lib/tabellion-update")
        # A journal that has grown; and all but 50 MiB, so that the download's room alone is not enough.
        machine.run("head -c 45M /dev/urandom | base64 -w 40000 | systemd-cat -t noise", timeout=300)
        machine.run("journalctl --sync")
        journal = int(machine.run(JOURNAL_MIB))
        machine.run("fallocate -l $(( $(stat -fc '%a*%S' /var) - 50 * 1048576 )) /var/lib/ballast")
        status, refusal = claire.upload([b""], 600 << 20)
        message = refusal["error"]["message"]
        expect((status, "assez de place" in message) == (507, True), f"an upload is refused: {status} {message}")
        machine.run("systemctl start tabellion-room", timeout=300)
        expect("tabellion_0.0.9" not in machine.run(f"ls {incoming} 2>/dev/null || true"), "the download is gone")
        free = int(machine.run("echo $(( $(stat -fc '%a*%S' /var) >> 20 ))"))
        kept = int(machine.run(JOURNAL_MIB))
        expect(journal >= 50 and kept <= 48, f"the journal gives way: from {journal} to {kept} MiB")
        expect(free >= 150 + journal - kept - 5, f"their room is free: {free} MiB")
        meeting = {"description": "Vente", "active": True, "code_active": False, "code": None}
        status, answer = claire.ask("POST", "/api/permanent-meetings", meeting)
        expect(status == 201, f"the database goes on: {status} {answer}")
        # Full to the last block: what cannot be stored is refused, what is stored is read.
        machine.run("dd if=/dev/zero of=/var/lib/last bs=1M || true", timeout=300)
        said = [claire.ask("POST", "/api/permanent-meetings", meeting)[0] for _ in range(3)]
        expect(all(status in (201, 500, 507) for status in said), f"no answer is anything but yes or no: {said}")
        machine.run("rm /var/lib/ballast /var/lib/last")
        status, listed = claire.ask("GET", "/api/permanent-meetings")
        expect(listed["total"] == 1 + said.count(201), f"what was acknowledged is there: {status} {listed}")
        expect(machine.run("systemctl is-active tabellion") == "active", "control has gone on")
        machine.power_off()
        return f"{free} MiB after room was made; {said}"


class Somebody:
    """An organizer who keeps taking a seat: one whose page does not come is kept for a minute only."""

    def __init__(self, claire, meeting):
        self.claire, self.meeting = claire, meeting
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._sit, daemon=True)

    def __enter__(self):
        self._take()
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(60)

    def _sit(self):
        while not self.ended.wait(20):
            self._take()

    def _take(self):
        status, answer = self.claire.ask("POST", f"/api/permanent-meetings/{self.meeting}/seat", {})
        expect(status == 201, f"a seat is taken: {status} {answer}")


def pieces(path):
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            yield piece


def gone(machine, home):
    """Nothing of what was brought is left; the moment that the box takes to notice a cut is waited for."""
    began = time.monotonic()
    while left := machine.run(f"ls {home}/incoming 2>/dev/null || true"):
        expect(time.monotonic() - began < 90, f"nothing is left in {home}: {left}")
        time.sleep(1)


def signed_list(office):
    folder = office.images / "0.1.1"
    return (folder / "SHA256SUMS").read_bytes(), (folder / "SHA256SUMS.gpg").read_bytes()


def container(listing, signature):
    """An update with this list, whose files have one byte each."""
    names = [line.split()[1] for line in listing.decode().splitlines()]
    files = [("SHA256SUMS", listing), ("SHA256SUMS.gpg", signature), *((name, b"x") for name in names)]
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def tampered(office):
    return container(*signed_list(office))


def unsigned(office):
    listing, _ = signed_list(office)
    return container(listing, b"no signature")


def for_another_architecture(office, folder):
    """Signed with the images' own key: nothing but the machine is another one."""
    keys = Path(os.environ.get("TABELLION_KEYS", office.images.parent / "keys-development")) / "update-signing"
    listing, _ = signed_list(office)
    (folder / "SHA256SUMS").write_bytes(listing.replace(b"x86-64", b"arm64"))
    signature = folder / "SHA256SUMS.gpg"
    signature.unlink(missing_ok=True)
    sign = ["gpg", "--homedir", keys, "--batch", "--quiet", "--detach-sign", "--output", signature, folder / "SHA256SUMS"]
    subprocess.run(sign, check=True)
    subprocess.run(["gpgconf", "--homedir", keys, "--kill", "all"], check=True)
    return container((folder / "SHA256SUMS").read_bytes(), signature.read_bytes())


def stick_with(update, path):
    """A USB stick named TABELLION with an update on it."""
    shutil.rmtree(path, ignore_errors=True)
    with open(path, "wb") as stick:
        stick.truncate(update.stat().st_size + (128 << 20))
    subprocess.run(["mkfs.vfat", "-F", "32", "-n", "TABELLION", path], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["mcopy", "-i", path, update, f"::{update.name}"], check=True)
    return path
