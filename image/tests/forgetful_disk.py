"""A disk that keeps what was flushed, and on a power cut loses an arbitrary part of the rest, as real ones do.

It serves an image file to QEMU by NBD (github.com/NetworkBlockDevice/nbd, doc/proto.md: fixed newstyle, simple replies).
What is written lies in memory until a FLUSH, or a write with FUA, brings it into the file; a FLUSH takes its time. `fail` stops
it in a moment in which something is unflushed, `cut_power` ends it with a part of that written, chosen by a seeded generator.
"""

import os
import random
import socket
import struct
import threading
import time
from pathlib import Path

PAGE = 4096
REQUEST, REPLY = 0x25609513, 0x67446698
OPTION, OPTION_REPLY = 0x49484156454F5054, 0x3E889045565A9
READ, WRITE, DISCONNECT, FLUSH = range(4)
FUA = 1
# Seconds until a FLUSH is done, as on a disk with a magnetic platter.
FLUSHING = 0.03
# HAS_FLAGS, SEND_FLUSH, SEND_FUA.
ABILITIES = 0x1 | 0x4 | 0x8


class ForgetfulDisk:
    """Serves `image` on a Unix socket in its folder, to one client, until the power is cut."""

    def __init__(self, image, seed):
        self.file = os.open(image, os.O_RDWR)
        self.size = os.fstat(self.file).st_size
        self.unflushed, self.guard = {}, threading.Lock()
        self.failed = False
        self.chance = random.Random(seed)
        self.path = Path(image).with_suffix(".nbd")
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def fail(self, patience=20):
        """The power fails before what was written last is flushed: from then on nothing is answered."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with self.guard:
                if self.unflushed:
                    self.failed = True
                    return
            time.sleep(0.001)

    def cut_power(self):
        """After the machine is off: a part of what was not flushed is lost. How many pages were, and how many are lost."""
        with self.guard:
            lost = 0
            for number, page in self.unflushed.items():
                if self.chance.random() < 0.5:
                    lost += 1
                else:
                    os.pwrite(self.file, page, number * PAGE)
            count = len(self.unflushed)
            self.unflushed = {}
            os.close(self.file)
            self.file = None
        self.listener.close()
        self.path.unlink(missing_ok=True)
        return count, lost

    def _serve(self):
        try:
            self.client, _ = self.listener.accept()
            self._greet()
            while self._answer():
                pass
        except (OSError, EOFError, TypeError):
            # The machine, or this disk, is off.
            pass

    def _take(self, length):
        taken = b""
        while len(taken) < length:
            chunk = self.client.recv(length - len(taken))
            if not chunk:
                raise EOFError
            taken += chunk
        return taken

    def _greet(self):
        self.client.sendall(struct.pack(">QQH", 0x4E42444D41474943, OPTION, 3))
        self._take(4)
        while True:
            _, option, length = struct.unpack(">QII", self._take(16))
            self._take(length)
            if option in (6, 7):  # INFO, GO
                info = struct.pack(">HQH", 0, self.size, ABILITIES)
                self.client.sendall(struct.pack(">QIII", OPTION_REPLY, option, 3, len(info)) + info)
                self.client.sendall(struct.pack(">QIII", OPTION_REPLY, option, 1, 0))
                if option == 7:
                    return
            else:  # not supported
                self.client.sendall(struct.pack(">QIII", OPTION_REPLY, option, 0x80000001, 0))

    def _answer(self):
        _, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", self._take(28))
        data = self._take(length) if kind == WRITE else b""
        answer = b""
        if kind == FLUSH:
            time.sleep(FLUSHING)
        with self.guard:
            if self.failed:
                raise EOFError
            if kind == READ:
                answer = self._read(offset, length)
            elif kind == WRITE:
                self._write(offset, data, flags & FUA)
            elif kind == FLUSH:
                for number, page in self.unflushed.items():
                    os.pwrite(self.file, page, number * PAGE)
                self.unflushed = {}
        if kind == DISCONNECT:
            return False
        self.client.sendall(struct.pack(">IIQ", REPLY, 0, handle) + answer)
        return True

    def _read(self, offset, length):
        found = bytearray(os.pread(self.file, length, offset).ljust(length, b"\0"))
        for number in range(offset // PAGE, (offset + length - 1) // PAGE + 1):
            if page := self.unflushed.get(number):
                start = max(offset, number * PAGE)
                end = min(offset + length, (number + 1) * PAGE)
                found[start - offset : end - offset] = page[start - number * PAGE : end - number * PAGE]
        return bytes(found)

    def _write(self, offset, data, durable):
        at = 0
        while at < len(data):
            number, start = divmod(offset + at, PAGE)
            part = data[at : at + PAGE - start]
            page = self.unflushed.get(number)
            if durable:
                os.pwrite(self.file, part, offset + at)
            elif page is None:
                page = self.unflushed[number] = bytearray(os.pread(self.file, PAGE, number * PAGE).ljust(PAGE, b"\0"))
            if page is not None:
                page[start : start + len(part)] = part
            at += len(part)
