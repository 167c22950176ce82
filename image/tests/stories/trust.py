"""What the machine itself vouches for: which kernels start, and for whom the data open."""

import json
import shutil
import subprocess

from machine import Failure
from office import SETUP, START_TIMEOUT, STARTED, expect, install, people, served, version

# SecureBoot, UEFI 2.10 §3.3: four bytes of attributes, then 1 where it is in force.
SECURE_BOOT = "od -An -tu1 -j4 -N1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def secure_boot(office):
    """Secure Boot with our keys and a TPM: /var opens for signed versions, after an update too; an unsigned kernel is refused."""
    box = office.new_box("secure_boot")
    trusted = {"secure_boot": True, "tpm": box / "tpm"}
    with office.start(box, "enrolled", credentials={"tabellion.setup": SETUP}, **trusted) as machine:
        # The boot loader enrols the keys of the ESP and starts the machine again, by itself where it is a virtual one.
        machine.until(STARTED, START_TIMEOUT)
        expect(machine.run(SECURE_BOOT).strip() == "1", "Secure Boot is in force")
        lockdown = machine.run("cat /sys/kernel/security/lockdown")
        expect("[integrity]" in lockdown or "[confidentiality]" in lockdown, f"the kernel is locked down: {lockdown}")
        expect(machine.run("cat /run/tabellion-storage/mode") == "tpm2", "the data are bound to the TPM")
        dump = machine.run("cryptsetup luksDump --dump-json-metadata /dev/disk/by-partlabel/tabellion-var")
        expects_signed_kernels_alone(json.loads(dump))
        with served(office.images) as (url, _):
            install(machine, url, "0.1.1")
        mark = machine.reboot()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect(version(machine) == "0.1.1" and "Claire" in people(machine), "the next version opens the data too")
        machine.power_off()
    unsigned = box / "tabellion_9.0.0+1-0.efi"
    shutil.copy(office.images / "0.1.1/tabellion_0.1.1.efi", unsigned)
    subprocess.run(["sbattach", "--remove", unsigned], check=True)
    put_on_the_esp(box / "disk.raw", unsigned)
    with office.start(box, "unsigned", **trusted) as machine:
        try:
            machine.until("Linux version|Welcome to", 90)
        except Failure:
            pass
        else:
            raise Failure("a kernel that nobody has signed was started")
        said = machine.tail(200)
        expect("9.0.0" in said or "ecurity" in said or "ccess" in said, f"the firmware refuses it:\n{said}")
    with office.start(box, "signed-again", **trusted) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect(version(machine) == "0.1.1", "its one attempt is used up, and the signed version serves")
        machine.power_off()
    return "an update, an unsigned kernel"


def expects_signed_kernels_alone(luks):
    """The only key is the TPM's, for whoever shows a PCR 11 that our release key has signed."""
    tokens = list(luks["tokens"].values())
    expect([token["type"] for token in tokens] == ["systemd-tpm2"], f"the TPM alone opens it: {tokens}")
    expect(len(luks["keyslots"]) == 1, f"there is no other key: {luks['keyslots'].keys()}")
    token = tokens[0]
    expect(token.get("tpm2_pubkey_pcrs") == [11], f"for signed kernels: {token}")


def put_on_the_esp(disk, kernel):
    """As somebody would who has the disk in his hands."""
    table = json.loads(subprocess.run(["sfdisk", "--json", disk], check=True, capture_output=True).stdout)
    esp = table["partitiontable"]["partitions"][0]
    subprocess.run(["mcopy", "-i", f"{disk}@@{esp['start'] * 512}", kernel, "::/EFI/Linux/"], check=True)
