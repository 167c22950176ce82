"""The office's network cable as a switch's port sees it: frames of several VLANs (IEEE 802.1Q) on one wire."""

import socket
import struct
import time

from office import free_port

BROADCAST = b"\xff" * 6
TAGGED, ARP, IPV4 = 0x8100, 0x0806, 0x0800
UDP, TCP = 17, 6
# Bits of a TCP segment (RFC 9293 §3.1).
SYN, ACK = 0x02, 0x10


class Wire:
    """The other end of a machine's network card, beside the emulator's own network, which knows no VLANs: whatever the
    machine sends comes here as well, a frame a datagram (`-netdev dgram`)."""

    def __init__(self):
        self.end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.end.bind(("127.0.0.1", 0))
        self.machine_port = free_port(socket.SOCK_DGRAM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end.close()

    @property
    def arguments(self):
        """The emulator's, for a network named `cable` that it also shares with whatever else is there."""
        ends = (("local", self.machine_port), ("remote", self.end.getsockname()[1]))
        return "dgram,id=wire," + ",".join(
            f"{end}.type=inet,{end}.host=127.0.0.1,{end}.port={port}" for end, port in ends
        )

    def equipment(self, vlan, address):
        """Something that is plugged in, in this VLAN."""
        return Equipment(self, vlan, address)

    def send(self, frame):
        self.end.sendto(frame, ("127.0.0.1", self.machine_port))

    def forget(self):
        """What has come until now: a full socket would lose the answer to what is asked next."""
        self.end.settimeout(0)
        try:
            while True:
                self.end.recv(65536)
        except BlockingIOError:
            pass

    def frames(self, patience):
        """What the machine sends, for so many seconds."""
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            self.end.settimeout(left)
            try:
                yield self.end.recv(65536)
            except TimeoutError:
                return


class Equipment:
    """A host with one address, which speaks as much of IPv4 as a question and its answer need."""

    def __init__(self, wire, vlan, address):
        self.wire, self.vlan, self.address = wire, vlan, socket.inet_aton(address)
        self.hardware = bytes([0x02, 0, 0, 0, vlan & 0xFF, self.address[3]])

    def ask(self, address, port, payload, own_port=40_000, patience=20):
        """The answer to a UDP datagram; None where none comes."""
        header = struct.pack("!HHHH", own_port, port, 8 + len(payload), 0)
        for protocol, packet in self._packets_after(address, UDP, header + payload, patience):
            if protocol == UDP and struct.unpack("!HH", packet[:4]) == (port, own_port):
                return packet[8:]
        return None

    def knock(self, address, port, own_port=40_001, patience=10):
        """The flags of what answers a TCP connection's first segment (RFC 9293 §3.1); None where nothing does."""
        segment = struct.pack("!HHIIBBHHH", own_port, port, 1, 0, 5 << 4, SYN, 65535, 0, 0)
        target = socket.inet_aton(address)
        pseudo = self.address + target + struct.pack("!BBH", 0, TCP, len(segment))
        segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
        for protocol, packet in self._packets_after(address, TCP, segment, patience):
            if protocol == TCP and struct.unpack("!HH", packet[:4]) == (port, own_port):
                return packet[13]
        return None

    def _packets_after(self, address, protocol, content, patience):
        """Sends a packet, and yields those that come back."""
        target = socket.inet_aton(address)
        hardware = self._neighbour(target, patience)
        if hardware is None:
            return
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(content), 0, 0, 64, protocol, 0) + self.address + target
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self._send(hardware, IPV4, head + content)
        for kind, _, packet in self._received(patience):
            if kind == IPV4 and packet[16:20] == self.address and packet[12:16] == target:
                yield packet[9], packet[4 * (packet[0] & 15) : struct.unpack("!H", packet[2:4])[0]]

    def _neighbour(self, target, patience):
        """The hardware address behind an address (RFC 826)."""
        self.wire.forget()
        self._send(BROADCAST, ARP, self._arp(1, bytes(6), target))
        for kind, source, packet in self._received(patience):
            if kind == ARP and packet[6:8] == b"\0\2" and packet[14:18] == target:
                return source
        return None

    def _arp(self, operation, hardware, address):
        return struct.pack("!HHBBH", 1, IPV4, 6, 4, operation) + self.hardware + self.address + hardware + address

    def _send(self, to, kind, content):
        tag = struct.pack("!HH", TAGGED, self.vlan)
        self.wire.send(to + self.hardware + tag + struct.pack("!H", kind) + content.ljust(46, b"\0"))

    def _received(self, patience):
        """What the machine sends into this VLAN: kind, sender, content. Whoever looks for this host is answered."""
        for frame in self.wire.frames(patience):
            tagged, vlan, kind = struct.unpack("!HHH", frame[12:18])
            if tagged != TAGGED or vlan & 0x0FFF != self.vlan:
                continue
            source, content = frame[6:12], frame[18:]
            if kind == ARP and content[6:8] == b"\0\1" and content[24:28] == self.address:
                self._send(source, ARP, self._arp(2, source, content[14:18]))
            yield kind, source, content


def checksum(data):
    """Of the Internet (RFC 1071)."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
