"""A virtual machine that boots the firmware image: QEMU without KVM, its serial console, and a root shell.

The image itself has no shell for anybody. Tests get theirs the way that a hypervisor's owner could: a unit handed over as
an SMBIOS credential (systemd.extra-unit.*, systemd-debug-generator(8)), on the second serial port.
"""

import base64
import codecs
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

from board import BOARD

SHELL_UNIT = f"""\
[Unit]
Description=Root shell of the tests
ConditionPathExists=!/etc/initrd-release
DefaultDependencies=no
After=sysinit.target
[Service]
ExecStart=/bin/sh -c 'stty -echo; echo SHELL-READY; while read -r line; do eval "$line"; echo "SHELL-STATUS=$?"; done'
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/{BOARD.shell}
Restart=always
"""

ESCAPES = re.compile(r"\x1b\[[0-9;?=]*[A-Za-z]|\r")
# What is no escape by then is none.
LONGEST_ESCAPE = 16


class Failure(Exception):
    """What a test expected did not happen."""


class Machine:
    """One run of a machine, from power on to power off. Its disk and UEFI variables are files that outlive it."""

    def __init__(
        self, folder, name, *, memory=2048, cores=2, secure_boot=False, tpm=None, credentials=None, forward=(), stick=None,
        disk=None, watchdog=False, booted_stick=None, shell=True, rtc=None, cable=True, wire=None, state=None,
    ):  # fmt: skip
        """`tpm`: a folder that is one; `disk`: a ForgetfulDisk instead of the folder's own file; `booted_stick`: a disk image
        on a USB stick that the machine starts from; `shell`: False where the image is not ours; `rtc`: what its clock shows;
        `cable`: whether its network is plugged in; `wire`: a Wire on the same network; `state`: what `save` has written, with
        which the machine goes on instead of starting: its devices have to be the same. `forward`: kind, port here, port there;
        there also with an address."""
        self.folder, self.name, self.disk = Path(folder), name, disk
        self.lines, self.heard = [], threading.Condition()
        self.shell_text = ""
        self.began = time.monotonic()
        self.shell_path = self.folder / f"{name}.shell"
        self.shell_path.unlink(missing_ok=True)
        self.qmp_path = self.folder / f"{name}.qmp"
        self.qmp_path.unlink(missing_ok=True)
        self.tpm_process = self._start_tpm(tpm) if tpm else None
        self.log = open(self.folder / f"{name}.console", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            self._command(
                memory, cores, secure_boot, tpm, credentials or {}, forward, stick, watchdog, booted_stick, shell, wire
            )
            + (["-rtc", f"base={rtc}"] if rtc else [])
            + (["-incoming", f"file:{state}"] if state else []),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if not cable:
            # The firmware takes seconds before anything of ours looks.
            self.plug(False)
        threading.Thread(target=self._read_console, daemon=True).start()
        threading.Thread(target=self._read_shell, daemon=True).start()
        if state:
            try:
                self._goes_on()
            except BaseException:
                self.cut_power()
                raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind and "SHELL-READY" in self.shell_text and self.process.poll() is None:
            self._keep_journal()
        self.cut_power()

    def _keep_journal(self):
        """The last that the machine tells, for whoever looks for what went wrong."""
        try:
            told = self.run("journalctl -b -n 1000 -o short-monotonic --no-pager", check=False)
        except (Failure, OSError) as problem:
            told = f"{problem}"
        (self.folder / f"{self.name}.journal").write_text(told, encoding="utf-8")

    @staticmethod
    def new_disk(image, folder, gigabytes=6):
        """A disk of its own with the image on it, and UEFI variables as from the factory."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "--sparse=always", image, folder / "disk.raw"], check=True)
        os.truncate(folder / "disk.raw", gigabytes << 30)
        shutil.copy(BOARD.variables, folder / "variables.fd")

    @staticmethod
    def new_stick(path, files):
        """A USB stick with the label TABELLION and text files (name to content) at its root."""
        path = Path(path)
        with open(path, "wb") as stick:
            stick.truncate(16 << 20)
        subprocess.run(["mkfs.vfat", "-n", "TABELLION", path], check=True, stdout=subprocess.DEVNULL)
        for name, content in files.items():
            subprocess.run(["mcopy", "-i", path, "-", f"::{name}"], input=content.encode(), check=True)
        return path

    @staticmethod
    def _network(forward, wire):
        """A card whose cable is called `cable`."""
        forwarded = "".join(
            f",hostfwd={kind}:127.0.0.1:{host}-{guest if ':' in str(guest) else f':{guest}'}"
            for kind, host, guest in forward
        )
        if not wire:
            return ["-nic", f"user,id=cable,model=virtio-net-pci{forwarded}"]
        hub = ["-netdev", "hubport,id=cable,hubid=0", "-device", "virtio-net-pci,netdev=cable"]
        for end, arguments in (("user", f"user,id=user{forwarded}"), ("wire", wire.arguments)):
            hub += ["-netdev", arguments, "-netdev", f"hubport,id=at-{end},hubid=0,netdev={end}"]
        return hub

    def _command(self, memory, cores, secure_boot, tpm, credentials, forward, stick, watchdog, booted_stick, shell, wire):
        code = BOARD.secure_code if secure_boot else BOARD.code
        command = [
            BOARD.emulator,
            "-machine", BOARD.machine + (",smm=on" if secure_boot else ""),
            "-accel", "tcg,thread=multi",
            "-cpu", BOARD.processor,
            "-smp", str(cores),
            "-m", str(memory),
            "-uuid", "5a1e0f00-1111-4222-8333-444455556666",
            "-display", "none",
            "-monitor", "none",
            "-qmp", f"unix:{self.qmp_path},server=on,wait=off",
            "-serial", "stdio",
            "-chardev", f"socket,id=shell,path={self.shell_path},server=on,wait=off",
            *BOARD.shell_line,
            "-drive", f"if=pflash,format=raw,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,file={self.folder / 'variables.fd'}",
            "-drive", f"if=none,id=disk,format=raw,file={self._disk()},cache=writeback",
            "-device", "virtio-blk-pci,drive=disk",
            "-object", "rng-random,id=random,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=random",
            *self._network(forward, wire),
            "-device", "qemu-xhci,id=usb",
        ]
        if watchdog:
            command += ["-device", "i6300esb", "-action", "watchdog=reset"]
        if stick:
            command += [
                "-drive", f"if=none,id=stick,format=raw,file={stick}",
                "-device", "usb-storage,drive=stick,removable=on",
            ]
        if booted_stick:
            command += [
                "-drive", f"if=none,id=booted,format=raw,file={booted_stick}",
                "-device", "usb-storage,drive=booted,removable=on,bootindex=0",
            ]
        if secure_boot:
            command += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
        if tpm:
            command += [
                "-chardev", f"socket,id=tpm,path={tpm}/socket",
                "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                "-device", "tpm-crb,tpmdev=tpm0",
            ]
        # The image's last console is the screen; the tests read the serial line (systemd-stub(7)).
        command += ["-smbios", f"type=11,value=io.systemd.stub.kernel-cmdline-extra=console={BOARD.console}"]
        own = {
            "systemd.extra-unit.tests-shell.service": SHELL_UNIT,
            "systemd.unit-dropin.sysinit.target": "[Unit]\nWants=tests-shell.service\n",
        }
        handed = {**(own if shell else {}), **credentials}
        for name, content in handed.items():
            encoded = base64.b64encode(content.encode()).decode()
            command += ["-smbios", f"type=11,value=io.systemd.credential.binary:{name}={encoded}"]
        return command

    def _disk(self):
        return f"nbd+unix:///?socket={self.disk.path}" if self.disk else self.folder / "disk.raw"

    @staticmethod
    def _start_tpm(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--ctrl", f"type=unixio,path={folder}/socket",
             "--terminate", "--flags", "startup-clear"]
        )  # fmt: skip
        for _ in range(100):
            if Path(folder, "socket").exists():
                return process
            time.sleep(0.05)
        process.kill()
        raise Failure("swtpm did not start within 5 s")

    def _read_console(self):
        buffer = b""
        while chunk := os.read(self.process.stdout.fileno(), 4096):
            buffer += chunk
            *lines, buffer = buffer.split(b"\n")
            with self.heard:
                for line in lines:
                    at = time.monotonic() - self.began
                    text = ESCAPES.sub("", line.decode("utf-8", "replace"))
                    self.lines.append((at, text))
                    self.log.write(f"{at:7.1f} {text}\n")
                self.log.flush()
                self.heard.notify_all()
        with self.heard:
            self.heard.notify_all()

    def _read_shell(self):
        self.shell = socket.socket(socket.AF_UNIX)
        for _ in range(200):
            try:
                self.shell.connect(str(self.shell_path))
                break
            except OSError:
                time.sleep(0.05)
        # A letter, or an escape, may come in two pieces.
        decoder, pending = codecs.getincrementaldecoder("utf-8")("replace"), ""
        while chunk := self._shell_chunk():
            pending += decoder.decode(chunk)
            escape = pending.rfind("\x1b", len(pending) - LONGEST_ESCAPE if len(pending) > LONGEST_ESCAPE else 0)
            whole = len(pending) if escape < 0 or ESCAPES.match(pending, escape) else escape
            with self.heard:
                self.shell_text += ESCAPES.sub("", pending[:whole])
                self.heard.notify_all()
            pending = pending[whole:]

    def _shell_chunk(self):
        try:
            return self.shell.recv(4096)
        except OSError:
            return b""

    def _goes_on(self):
        """Waits until the machine has its state, lets it go on, and tells it what time it is."""
        began = time.monotonic()
        while self.qmp("query-status")["status"] != "paused":
            if time.monotonic() - began > 120:
                raise Failure(f"{self.name}: the machine does not go on from its saved state")
            time.sleep(0.1)
        self.qmp("cont")
        with self.heard:
            self.shell_text = "SHELL-READY"
        self.run(f"date -s @{time.time():.0f}")

    def save(self, path):
        """Stops the machine and writes all that it is, but its disk and its variables, to a file."""
        self.qmp("stop")
        self.qmp("migrate", uri=f"file:{path}")
        while (found := self.qmp("query-migrate"))["status"] != "completed":
            if found["status"] == "failed":
                raise Failure(f"{self.name}: its state cannot be saved: {found}")
            time.sleep(0.2)

    def plug(self, plugged):
        """Plugs the network's cable in, or pulls it out."""
        self.qmp("set_link", name="cable", up=plugged)

    def insert(self, stick):
        """Plugs a USB stick in, and waits until the machine knows it."""
        self.qmp("blockdev-add", driver="raw", **{"node-name": "stick"}, file={"driver": "file", "filename": str(stick)})
        self.qmp("device_add", driver="usb-storage", id="stick", drive="stick", removable=True, bus="usb.0")
        self._until_stick(True)

    def pull(self):
        """Pulls the stick that was inserted out."""
        self.qmp("device_del", id="stick")
        self._until_stick(False)
        self.qmp("blockdev-del", **{"node-name": "stick"})

    def _until_stick(self, there):
        began = time.monotonic()
        while (self.run("test -e /dev/disk/by-label/TABELLION; echo $?") == "0") != there:
            if time.monotonic() - began > 60:
                raise Failure(f"{self.name}: the stick is {'not ' if there else 'still '}there after a minute")
            time.sleep(1)

    def qmp(self, command, **arguments):
        """Has QEMU do something; what it answers (QEMU's QMP reference)."""
        with socket.socket(socket.AF_UNIX) as line:
            for _ in range(200):
                try:
                    line.connect(str(self.qmp_path))
                    break
                except OSError:
                    time.sleep(0.05)
            else:
                raise Failure(f"{self.name}: QEMU does not answer within 10 s\n{self.tail()}")
            talk = line.makefile("rw")
            if not talk.readline():
                raise Failure(f"{self.name}: QEMU has ended\n{self.tail()}")
            for asked in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                talk.write(json.dumps(asked) + "\n")
                talk.flush()
                # Events may come between.
                while not ({"return", "error"} & (answer := json.loads(talk.readline())).keys()):
                    pass
                if "error" in answer:
                    raise Failure(f"{self.name}: {answer}")
            return answer["return"]

    def screen(self):
        """What the attached screen shows (vcs(4)): lines of text."""
        rows = int(self.run("od -An -tu1 -N1 /dev/vcsa1"))
        text = base64.b64decode(self.run("base64 -w0 /dev/vcsu1")).decode("utf-32-le")
        columns = len(text) // rows
        return "\n".join(text[at : at + columns].rstrip() for at in range(0, len(text), columns))

    def until_screen(self, pattern, timeout):
        """What the screen shows once the pattern is on it."""
        deadline = time.monotonic() + timeout
        while not re.search(pattern, shown := self.screen()):
            if time.monotonic() > deadline:
                raise Failure(f"{self.name}: no /{pattern}/ on the screen within {timeout} s:\n{shown}")
            time.sleep(2)
        return shown

    def type(self, line):
        """Types a line on the console."""
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def age(self):
        """Seconds since power on."""
        return time.monotonic() - self.began

    def until(self, pattern, timeout, *, since=0):
        """The first console line from number `since` on that matches; its time in seconds since power on, and its text."""
        deadline, index = time.monotonic() + timeout, since
        with self.heard:
            while True:
                while index < len(self.lines):
                    if re.search(pattern, self.lines[index][1]):
                        return self.lines[index]
                    index += 1
                if self.process.poll() is not None:
                    raise Failure(f"{self.name}: the machine is off, and /{pattern}/ never came\n{self.tail()}")
                if time.monotonic() > deadline:
                    raise Failure(f"{self.name}: no /{pattern}/ within {timeout} s\n{self.tail()}")
                self.heard.wait(1)

    def tail(self, count=15):
        """The console's last lines."""
        return "\n".join(f"    {at:6.1f} {text}" for at, text in self.lines[-count:])

    def until_shell(self, timeout=240):
        """Waits for the root shell."""
        deadline = time.monotonic() + timeout
        with self.heard:
            while "SHELL-READY" not in self.shell_text:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Failure(f"{self.name}: no shell within {timeout} s\n{self.tail()}")
                self.heard.wait(1)

    def run(self, command, timeout=120, *, check=True):
        """Runs a shell line in the machine; what it printed."""
        self.until_shell()
        with self.heard:
            start = len(self.shell_text)
        self.shell.sendall((command.replace("\n", " ") + "\n").encode())
        deadline = time.monotonic() + timeout
        with self.heard:
            while not (end := re.search(r"SHELL-STATUS=(\d+)", self.shell_text[start:])):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Failure(f"{self.name}: “{command}” did not end within {timeout} s: {self.shell_text[start:]}")
                self.heard.wait(1)
            said = self.shell_text[start:][: end.start()].strip("\n")
        if check and end[1] != "0":
            raise Failure(f"{self.name}: “{command}” ended with {end[1]}: {said}")
        return said

    def forget_shell(self):
        """The machine restarts: the next command waits for the new shell. The console line number to look from."""
        with self.heard:
            self.shell_text = ""
            return len(self.lines)

    def reboot(self):
        """Asks for a restart; the console line number to look from."""
        self.until_shell()
        mark = self.forget_shell()
        self.shell.sendall(b"systemctl reboot\n")
        return mark

    def power_off(self, timeout=90):
        """Ends in order."""
        self.until_shell()
        self.shell.sendall(b"systemctl poweroff\n")
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"{self.name}: not off within {timeout} s\n{self.tail()}") from late

    def cut_power(self):
        """Ends at once, as a power cut would."""
        if self.disk and self.process.poll() is None:
            self.disk.fail()
        self.process.kill()
        self.process.wait()
        self.lost = self.disk.cut_power() if self.disk else None
        self.disk = None
        if self.tpm_process:
            self.tpm_process.kill()
            self.tpm_process.wait()
        self.log.close()
