"""What a box keeps: carried to another one, destroyed, opened without its machine's key, and looked at by the support."""

import json
import subprocess
import time

from machine import Machine
from office import SETUP, START_TIMEOUT, STARTED, expect, people
from visitor import PASSWORD, Visitor

# Another office's box, before it becomes the first one's.
OTHER = SETUP.replace('host = "visio"', 'host = "autre"').replace("Claire", "Bruno")
PIECE = 1 << 20
# How many processes sleep for a number of seconds that nobody else sleeps; procps is not in the image.
RUNNING = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -o 'sleep 432[1]' | wc -l"
VAR = "/dev/disk/by-partlabel/tabellion-var"
# The header's salts are drawn anew with each partition; its UUID comes from the firmware's machine ID, and is not.
KEYS = f"cryptsetup luksDump {VAR} | sha256sum; sha256sum /boot/tabellion/var.key"


def backup_of_another_box(office):
    """A backup of box A, restored on box B by its administrator: A's people, meetings and settings, B's network."""
    first = Visitor(office)
    with office.running("backup_of_another_box") as machine:
        first.log_in()
        meeting = {"description": "Succession MARTIN", "active": True, "code_active": False, "code": None}
        status, answer = first.ask("POST", "/api/permanent-meetings", meeting)
        expect(status < 300, f"a meeting is made: {answer}")
        backup, key = download(first)
        expect(b"Claire" not in backup and backup.startswith(b"age-encryption.org/v1"), "it is encrypted")
        machine.power_off()
    with office.start(office.new_box("backup_of_another_box_b"), "backup-b", credentials={"tabellion.setup": OTHER}) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect(machine.run("hostname") == "autre", "it is another box")
        second = Visitor(office)
        second.log_in()
        for offset in range(0, len(backup), PIECE):
            piece = backup[offset : offset + PIECE]
            status, answer = second.exchange("PUT", f"/api/system/restore/file?offset={offset}", piece)
            expect(status == 200, f"a piece is taken: {answer}")
        wrong = key.replace(key[0], "B" if key[0] == "A" else "A")
        expect(second.ask("POST", "/api/system/restore/check", {"key": wrong})[0] == 422, "another key does not open it")
        status, found = second.ask("POST", "/api/system/restore/check", {"key": key.lower()})
        expect(status == 200 and found["office"] == "Office Notarial de la Place", f"it is whole: {found}")
        before = machine.run("systemctl show -P MainPID tabellion")
        status, answer = second.ask("POST", "/api/system/restore", {"password": PASSWORD, "network": "kept"})
        expect(status == 200, f"it is restored: {answer}")
        began = time.monotonic()
        until(machine, "systemctl show -P MainPID tabellion", lambda now: now not in (before, "0"), "control starts again")
        until(machine, "systemctl is-active tabellion || true", lambda state: state == "active", "it is ready")
        took = time.monotonic() - began
        expect(second.ask("GET", "/api/session")[0] == 401, "nobody is logged in any more")
        is_the_first_one(first, machine)
        mark = machine.reboot()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        first.cookie = None
        is_the_first_one(first, machine)
        left = machine.run("ls /var/lib/tabellion")
        expect("former" not in left and "restore" not in left, f"nothing is left of the way: {left}")
        machine.power_off()
    return f"{len(backup) >> 10} KiB, {took:.0f} s until it served"


def is_the_first_one(visitor, machine):
    visitor.log_in_again()
    status, meetings = visitor.ask("GET", "/api/permanent-meetings?sort=name&page=1")
    expect(status == 200 and "Succession MARTIN" in json.dumps(meetings), f"the first box's meeting: {meetings}")
    until(machine, "hostname", lambda name: name == "visio", "the first box's settings are in force")


def factory_reset_from_the_page(office):
    """An administrator has all data destroyed from the page: the box starts as from its carton, its firmware the same."""
    with office.running("factory_reset_from_the_page") as machine:
        visitor = Visitor(office)
        visitor.log_in()
        keys = machine.run(KEYS)
        word = {"password": PASSWORD, "word": "effacer"}
        expect(visitor.ask("POST", "/api/system/factory-reset", word)[0] == 422, "the word has to be typed as it is")
        mark = machine.forget_shell()
        began = time.monotonic()
        status, answer = visitor.ask("POST", "/api/system/factory-reset", {**word, "word": "EFFACER"})
        expect(status == 202, f"it is asked for: {answer}")
        machine.until("the factory reset is finished", START_TIMEOUT, since=mark)
        took = time.monotonic() - began
        is_as_from_its_carton(machine, keys)
        machine.cut_power()
    return f"{took:.0f} s"


def factory_reset_from_the_menu(office):
    """The boot loader's second entry: «non» and silence change nothing, OUI destroys all data."""
    with office.running("factory_reset_from_the_menu") as machine:
        keys = machine.run(KEYS)
        for answer in ("non", None):
            mark = choose_reset(machine)
            if answer:
                machine.type(answer)
            machine.until("Rien n’a été modifié", 120, since=mark)
            machine.until(STARTED, START_TIMEOUT, since=mark)
            expect("Claire" in people(machine), "the data are as before")
        mark = choose_reset(machine)
        machine.type("OUI")
        machine.until("the factory reset is finished", START_TIMEOUT, since=mark)
        is_as_from_its_carton(machine, keys)
        machine.cut_power()
    return "three choices"


def choose_reset(machine):
    """Restarts into the boot loader's second entry, once; the console line number to look from."""
    entries = json.loads(machine.run("bootctl list --json=short"))
    names = [entry["id"] for entry in entries if entry["id"].endswith("@reset")]
    expect(len(names) == 1, f"the kernel has a second profile: {[entry['id'] for entry in entries]}")
    machine.run(f"bootctl set-oneshot {names[0]}")
    mark = machine.reboot()
    machine.until("Le micrologiciel reste", START_TIMEOUT, since=mark)
    return mark


def is_as_from_its_carton(machine, keys):
    now = machine.run(KEYS)
    for before, after in zip(keys.splitlines(), now.splitlines(), strict=True):
        expect(before != after, f"another key, another disk: {before} {after}")
    expect(people(machine) == "", "nobody is known")
    gone = machine.run("ls /var/lib/tabellion/set-up /boot/tabellion/factory-reset 2>&1 || true")
    expect(gone.count("No such file") == 2, f"it is not set up, and nothing waits: {gone}")
    expect("tabellion_0.1.0.efi" in machine.run("ls /boot/EFI/Linux"), "the firmware stays")


def another_machine_opens_with_the_recovery_key(office):
    """A disk in a machine with another TPM: refused, asked for on the screen, opened with the recovery key, then by itself."""
    box = office.new_box("another_machine_opens_with_the_recovery_key")
    credentials = {"tabellion.setup": SETUP}
    with office.start(box, "first-machine", tpm=box / "tpm-1", credentials=credentials) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect(machine.run("cat /run/tabellion-storage/mode") == "tpm2", "the TPM opens it")
        first, key = recovery_keys(office)
        machine.power_off()
    with office.start(box, "other-machine", tpm=box / "tpm-2") as machine:
        machine.until("Saisissez leur clé de récupération", START_TIMEOUT)
        type_key(machine, "cbdefghi")
        machine.until("Une clé compte 64 lettres", 60)
        type_key(machine, first)
        machine.until("n’ouvre pas les données", 120)
        mark = len(machine.lines)
        type_key(machine, key.upper())
        machine.until("Les données sont ouvertes", 120, since=mark)
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect("Claire" in people(machine), "the data are there")
        machine.power_off()
    with office.start(box, "other-machine-again", tpm=box / "tpm-2") as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect("Claire" in people(machine), "the data are the other machine's now, which opens them by itself")
        machine.power_off()
    return "two machines"


def key_file_that_is_gone(office):
    """A box without a TPM whose key file is gone: opened with the recovery key, and by itself from then on."""
    with office.running("key_file_that_is_gone") as machine:
        _, key = recovery_keys(office)
        machine.run("rm /boot/tabellion/var.key; sync")
        mark = machine.reboot()
        machine.until("Saisissez leur clé de récupération", START_TIMEOUT, since=mark)
        type_key(machine, key.replace("-", ""))
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect("Claire" in people(machine), "the data are there")
        expect(machine.run("cat /run/tabellion-storage/mode") == "key-file", "the box says how they are protected")
        mark = machine.reboot()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        asked = [text for _, text in machine.lines[mark:] if "clé de récupération" in text]
        expect(not asked and "Claire" in people(machine), f"nobody is asked again: {asked}")
        machine.power_off()
    return "two restarts"


def type_key(machine, key):
    # What the kernel tells may have scrolled the question away; the serial line takes its time.
    time.sleep(1)
    machine.type(key)


def recovery_keys(office):
    """Two keys, one after the other: the second annuls the first."""
    visitor = Visitor(office)
    visitor.log_in()
    keys = []
    for _ in range(2):
        status, answer = visitor.ask("POST", "/api/system/recovery-key", {"password": PASSWORD})
        expect(status == 200, f"a recovery key is made: {answer}")
        keys.append(answer["key"])
    expect(keys[0] != keys[1], "each is another one")
    return keys


def support_console(office):
    """A console that an administrator has allowed: asks for the page's password, records lines, ends with all it started."""
    # The tests have the serial line, and no second screen.
    drop_in = "/run/systemd/system/tabellion-console.service.d"
    screen = "[Service]\\nExecStart=\\nExecStart=/usr/bin/tabellion-firmware console --screen /dev/ttyS0\\n"
    with office.running("support_console") as machine:
        machine.run(f"mkdir -p {drop_in}; printf '{screen}' > {drop_in}/screen.conf; systemctl daemon-reload")
        visitor = Visitor(office)
        visitor.log_in()
        consent = {"password": PASSWORD, "minutes": 15}
        status, opened = visitor.ask("POST", "/api/system/console", consent)
        expect(status == 200, f"it is allowed: {opened}")
        mark = len(machine.lines)
        machine.until("console de support", 60, since=mark)
        # Its question, which does not end its line, forgets what was typed before.
        time.sleep(5)
        machine.type("ABCD-EFGH-IJKL")
        machine.until("Ce n’est pas ce mot de passe", 60, since=mark)
        machine.type(opened["password"].lower())
        machine.until("Chaque ligne est enregistrée", 60, since=mark)
        machine.type("echo utilisateur $(id -u)")
        machine.until("utilisateur 0", 60, since=mark)
        machine.type("sleep 4321 &")
        until(machine, RUNNING, lambda count: count == "1", "a program runs")
        expect(visitor.ask("DELETE", "/api/system/console")[0] == 204, "it is closed")
        until(machine, "systemctl is-active tabellion-console || true", lambda state: state == "inactive", "it ends")
        until(machine, RUNNING, lambda count: count == "0", "so does all that it started")
        said = machine.run("journalctl -b -u tabellion-console -o cat")
        expect("echo utilisateur" in said and "sleep 4321" in said, f"each line is recorded: {said}")
        expect("wrong password" in said and opened["password"] not in said, "no password is")
        machine.power_off()
    return "opened once"


def download(visitor):
    """A backup and its key."""
    status, prepared = visitor.ask("POST", "/api/system/backup", {"password": PASSWORD})
    expect(status == 200, f"a backup is prepared: {prepared}")
    status, backup = visitor.exchange("GET", f"/api/system/backup/{prepared['ticket']}")
    expect(status == 200, f"it is downloaded: {backup[:200]}")
    return backup, prepared["key"]


def until(machine, command, fits, what, patience=120):
    """Waits until a command in the machine prints what fits."""
    began = time.monotonic()
    while not fits(said := machine.run(command)):
        expect(time.monotonic() - began < patience, f"{what}: {said}")
        time.sleep(1)


def scheduled_backup(office):
    """A schedule to the stick: the first backup lies there, and without the stick the box says why there is none."""
    schedule = {"every": "day", "hour": 2, "keep": 3, "sftp": None}
    with office.running("scheduled_backup") as machine:
        stick = Machine.new_stick(machine.folder / "stick.img", {"lisezmoi.txt": "x"})
        machine.insert(stick)
        visitor = Visitor(office)
        visitor.log_in()
        change = {"password": PASSWORD, "schedule": schedule}
        status, answer = visitor.ask("PUT", "/api/system/backup/schedule", change)
        expect(status == 200 and answer["key"], f"it is scheduled: {answer}")
        state = "cat /var/lib/tabellion/scheduled-backups.json"
        until(machine, state, lambda text: json.loads(text)["succeeded"], "the first one arrives", patience=300)
        expect(machine.run("ls /var/lib/tabellion-outgoing") == "", "nothing stays on the box")
        machine.pull()
        listed = subprocess.run(["mdir", "-b", "-i", stick, "::"], check=True, capture_output=True, text=True).stdout
        expect(".tabellion" in listed and "lisezmoi.txt" in listed, f"it is on the stick: {listed}")
        status, answer = visitor.ask("PUT", "/api/system/backup/schedule", {"password": PASSWORD, "schedule": schedule})
        expect(status == 200 and answer["key"] is None, f"the key that was noted stays: {answer}")
        until(machine, state, lambda text: json.loads(text)["refused"], "it is missed", patience=300)
        view = visitor.ask("GET", "/api/system/backup/schedule")[1]
        expect("Aucune clé USB" in view["refused"], f"and said: {view}")
        machine.power_off()
    return "one backup"
