"""Updates: those that stay, those that are taken back, and those that are refused."""

import json
import time

from office import (
    IMPATIENT,
    INCOMING,
    START_TIMEOUT,
    STARTED,
    expect,
    health,
    install,
    people,
    refusal,
    schema,
    schema_of_copy,
    served,
    version,
)


def good_update(office):
    """A good update over HTTP, cut off once: resumed, passed, data kept."""
    with office.running("good_update") as machine, served(office.images, cut_once=".root-x86-64.") as (url, asked):
        install(machine, url, "0.1.1")
        expect(any(start for path, start in asked if ".root-x86-64." in path), f"it went on where it was: {asked}")
        mark, began = machine.reboot(), time.monotonic()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        took = time.monotonic() - began
        expect(version(machine) == "0.1.1", "the new version runs")
        expect("tabellion_0.1.1.efi" in machine.run("ls /boot/EFI/Linux"), "its start is marked as good")
        expect("Claire" in people(machine), "the data are kept")
        network = health(machine)["network"]
        expect(network["passed"] and network["applicable"], f"the network is as before: {network}")
        left = machine.run("ls /var/lib/tabellion-firmware")
        expect("before-update" not in left, f"the data's copy is no longer needed: {left}")
        machine.power_off()
        return f"{took:.0f} s from the restart to the mark"


def failing_gate(office):
    """An update that changes the data's form and then does not do its work: taken back after three starts, data too."""
    with office.running("failing_gate", credentials=IMPATIENT) as machine, served(office.images) as (url, _):
        before = schema(machine)
        install(machine, url, "0.1.2")
        took = comes_back(machine)
        rejected = rejection(machine, "0.1.2")
        expect("les pages web ne répondent pas" in rejected["reason"], f"the reason is kept: {rejected}")
        expect(len(rejected["detail"]) > 5, "so are the journal's last lines")
        after = schema_of_copy(machine, "/var/lib/tabellion-firmware/after-update.db")
        found = (after, schema(machine))
        expect(found == (99, before), f"the data's form was changed from {before}, and is as before: {found}")
        expect("Claire" in people(machine), "the data are as before")
        again = refusal(machine, {"url": f"{url}/0.1.2/"})
        expect("déjà été annulée" in again, f"it is not tried again by itself: {again}")
        machine.power_off()
        return f"{took:.0f} s until the former version served"


def update_that_does_not_start(office):
    """An update that never gets as far as its data: three starts, then the former version, and said why."""
    with office.running("update_that_does_not_start", credentials=IMPATIENT) as machine, served(office.images) as (url, _):
        install(machine, url, "0.1.3")
        took = comes_back(machine)
        said = [text for _, text in machine.lines if "ne peut pas démarrer" in text]
        expect(len(said) == 3, f"each of three starts says that it fails: {said}")
        reason = rejection(machine, "0.1.3")["reason"]
        expect("pas démarré" in reason, f"the reason is kept: {reason}")
        expect("Claire" in people(machine), "the data are as before")
        # Asked for expressly, it is tried again.
        install(machine, url, "0.1.3")
        expect("tabellion_0.1.3+3-0.efi" in machine.run("ls /boot/EFI/Linux"), "it is on trial again")
        machine.power_off()
        return f"{took:.0f} s until the former version served"


def corrupted_slot(office):
    """An update whose slot is damaged after it was written: never trusted, the former version serves."""
    with office.running("corrupted_slot", credentials=IMPATIENT) as machine, served(office.images) as (url, _):
        install(machine, url, "0.1.1")
        # All of the file system's beginning: the first read finds it.
        slot = machine.run("readlink -f /dev/disk/by-partlabel/tabellion_0.1.1")
        machine.run(f"dd if=/dev/urandom of={slot} bs=1M count=8 conv=notrunc,fsync", timeout=300)
        took = comes_back(machine)
        reason = rejection(machine, "0.1.1")["reason"]
        expect("pas démarré" in reason, f"the reason is kept: {reason}")
        expect("Claire" in people(machine), "the data are as before")
        machine.power_off()
        return f"{took:.0f} s until the former version served"


def refused_updates(office):
    """Older, tampered, badly signed, from no address: refused with the reason, nothing changed; what was tampered with heals."""
    with office.running("refused_updates") as machine, served(office.images) as (url, _):
        before = machine.run("ls /boot/EFI/Linux; lsblk -no PARTLABEL,PARTUUID")
        older = refusal(machine, {"url": f"{url}/0.1.0/"})
        expect("pas plus récente" in older, f"older: {older}")
        order = json.dumps({"url": f"{url}/0.1.1/", "again": False})
        machine.run(f"mkdir -p /run/tabellion-firmware; echo '{order}' > /run/tabellion-firmware/download.json")
        machine.run("systemctl start tabellion-download", timeout=900)
        machine.run(f"printf EVIL | dd of=$(ls {INCOMING}/*.root-x86-64.*.raw) bs=1 seek=4096000 conv=notrunc")
        tampered = refusal(machine, {"folder": INCOMING})
        expect("altéré" in tampered, f"tampered: {tampered}")
        machine.run(f"echo '# x' >> {INCOMING}/SHA256SUMS")
        signed = refusal(machine, {"folder": INCOMING})
        expect("signature" in signed, f"badly signed: {signed}")
        elsewhere = refusal(machine, {"url": "-K/var/lib/tabellion/config"})
        expect("https://" in elsewhere, f"no address: {elsewhere}")
        expect(machine.run("ls /boot/EFI/Linux; lsblk -no PARTLABEL,PARTUUID") == before, "nothing has changed")
        install(machine, url, "0.1.1")
        said = machine.run("journalctl -b -u tabellion-download -o cat")
        expect("from the beginning" in said, f"the next download heals what was tampered with: {said}")
        machine.power_off()
        return "four refusals"


def comes_back(machine):
    """Restarts into a version on trial, and waits until 0.1.0 serves again; the seconds it took."""
    mark, began = machine.reboot(), time.monotonic()
    machine.until(r"Mise à jour annulée", 6 * START_TIMEOUT, since=mark)
    machine.until(STARTED, START_TIMEOUT, since=mark)
    expect(version(machine) == "0.1.0", "the former version serves again")
    return time.monotonic() - began


def rejection(machine, number):
    """Why a version was taken back, as the box keeps it."""
    return json.loads(machine.run("cat /var/lib/tabellion-firmware/state.json"))["rejected"][number]
