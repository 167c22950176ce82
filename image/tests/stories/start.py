"""The first start, and the ways to set a box up."""

import os
import shutil
import subprocess

from board import BOARD
from machine import Machine
from office import IMPATIENT, SETUP, START_TIMEOUT, STARTED, expect, expect_the_esp_is_put_away_alone, health


def first_start(office):
    """First start: set up by a credential, login page served, SIP answers, no failed unit, settings in force."""
    box = office.new_box("first_start")
    with office.start(box, "first-start", credentials={"tabellion.setup": SETUP}, selftest=True) as machine:
        started = machine.until(STARTED, START_TIMEOUT)[0]
        expect("<div id=" in office.get(), "the login page is served")
        expect(office.sip_status() == 401, "REGISTER is asked for its password")
        expect(machine.run("systemctl --failed --no-legend --plain") == "", "no unit has failed")
        checks = health(machine)
        expect(all(check["passed"] for check in checks.values()), f"the health gate passes: {checks}")
        seen = checks["selftest"]
        expect(seen["applicable"] and "room system sees organizer" in seen["detail"], f"it sees and hears itself: {seen}")
        expect(not checks["network"]["applicable"], f"there is no network of before: {checks['network']}")
        expect(machine.run("hostname") == "visio", "the host name is the settings'")
        expect("+04" in machine.run("date +%Z"), "the time zone is the settings'")
        rules = machine.run("nft list ruleset")
        expect("policy drop" in rules and "7000" in rules, f"the packet filter stands: {rules}")
        root = machine.run("findmnt -no SOURCE,FSTYPE,OPTIONS /")
        expect("erofs" in root and "ro" in root, f"the root is read-only: {root}")
        expect("verity" in machine.run("dmsetup table --target verity"), "the root is checked by dm-verity")
        expect("crypto_LUKS" in machine.run("blkid /dev/disk/by-partlabel/tabellion-var"), "/var is encrypted")
        secret = machine.run("grep -c Bien-trop-secret /var/lib/tabellion/tabellion.db || true")
        expect(secret == "0", "the password is not stored in clear text")
        expect(machine.run("grep -Ev ':[!*]' /etc/shadow || true") == "", "nobody has a password of the system")
        expect_the_esp_is_put_away_alone(machine)
        machine.power_off()
        return f"{started:.0f} s to a started box"


def starts_on_arm64(office):
    """A machine of another architecture: set up by a credential, the same page and SIP, no failed unit, the data encrypted."""
    box = office.new_box("starts_on_arm64")
    with office.start(box, "arm64", credentials={"tabellion.setup": SETUP}) as machine:
        started = machine.until(STARTED, START_TIMEOUT)[0]
        expect(machine.run("uname -m") == "aarch64", "it is another architecture")
        expect("<div id=" in office.get(), "the login page is served")
        expect(office.sip_status() == 401, "REGISTER is asked for its password")
        expect(machine.run("systemctl --failed --no-legend --plain") == "", "no unit has failed")
        checks = health(machine)
        expect(all(check["passed"] for check in checks.values()), f"the health gate passes: {checks}")
        expect(machine.run("hostname") == "visio", "the host name is the settings'")
        expect("verity" in machine.run("dmsetup table --target verity"), "the root is checked by dm-verity")
        expect("crypto_LUKS" in machine.run("blkid /dev/disk/by-partlabel/tabellion-var"), "/var is encrypted")
        transfers = machine.run("/usr/lib/systemd/systemd-sysupdate --offline --no-pager list")
        expect("0.1.0" in transfers, f"the version that runs is known as one: {transfers}")
        machine.power_off()
        return f"{started:.0f} s to a started box"


def faulty_stick(office):
    """A new box, a USB stick with faults: each line is named, nothing applied; the mended stick sets it up."""
    box = office.new_box("faulty_stick")
    faulty = SETUP.replace("crpcen =", "crpen =").replace("06 12 34 56 78", "six")
    stick = Machine.new_stick(box / "stick.img", {"setup.toml": faulty})
    with office.start(box, "faulty-stick", stick=stick, credentials=IMPATIENT) as machine:
        machine.until("Failed to start tabellion-setup", START_TIMEOUT)
        said = machine.run("journalctl -b -u tabellion-setup -o cat")
        expect("Ligne 3" in said.replace("\u00a0", " ") and "crpcen" in said, f"the unknown key: {said}")
        expect("administrator.mobile" in said, f"and the number: {said}")
        expect("nothing of it is applied" in said, said)
        machine.power_off()
    Machine.new_stick(stick, {"setup.toml": SETUP})
    with office.start(box, "stick", stick=stick) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect(machine.run("hostname") == "visio", "the settings of the stick are in force")
        machine.power_off()
    return "two starts"


def installed_from_a_stick(office):
    """A stick in a machine with an empty disk: asks, installs after OUI; without the stick, the machine is a box."""
    box = office.folder / "installed_from_a_stick"
    shutil.rmtree(box, ignore_errors=True)
    box.mkdir()
    stick = box / "stick.raw"
    subprocess.run(["cp", "--sparse=always", office.images / "0.1.0/tabellion_0.1.0.raw", stick], check=True)
    os.truncate(stick, 4 << 30)
    with open(box / "disk.raw", "wb") as disk:
        disk.truncate(8 << 30)
    shutil.copy(BOARD.variables, box / "variables.fd")
    with office.start(box, "installing", booted_stick=stick) as machine:
        machine.until("Installation de Tabellion", START_TIMEOUT)
        machine.until(r"1\. .*vda.*vide", 60)
        machine.type("1")
        machine.until("sera effacé", 60)
        machine.type("non")
        machine.until("Rien n’a été modifié", 60)
        machine.type("1")
        machine.type("OUI")
        machine.until("n’a pas de puce TPM", 60)
        machine.type("2")
        took = machine.until("Tabellion est installé", 600)[0]
        machine.cut_power()
    # A machine's own firmware knows its disks; QEMU's has taken the stick for all that there is.
    shutil.copy(BOARD.variables, box / "variables.fd")
    with office.start(box, "installed", credentials={"tabellion.setup": SETUP}) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect("<div id=" in office.get(), "the login page is served")
        expect("tabellion_0.1.0" in machine.run("lsblk -no PARTLABEL /dev/vda"), "from the internal disk")
        expect(machine.run("cat /run/tabellion-storage/mode") == "none", "the data are not encrypted, as chosen")
        machine.power_off()
    return f"{took:.0f} s from power on of the stick to the end"
