"""Settings of the network: changed on the page of a running box, and of two networks on one cable."""

import socket
import time
from types import SimpleNamespace

from office import SETUP, START_TIMEOUT, STARTED, addresses, expect, free_port, health, register
from visitor import Visitor
from wire import ACK, SYN, Wire

# An address of QEMU's user network that its DHCP server does not give.
MOVED = "10.0.2.77"
CONFIRMATION = "/api/system/settings/confirmation"


def changed_address(office):
    """Another address: undone after a minute where nobody confirms it, kept once it is confirmed from there."""
    port = free_port(socket.SOCK_STREAM)
    with office.running("changed_address", also=[("tcp", port, f"{MOVED}:443")]) as machine:
        claire, there = Visitor(office), Visitor(SimpleNamespace(https_port=port))
        claire.log_in()
        move(claire)
        until_found(there, 50)
        expect(not is_found(claire), "the former address is nobody's any more")
        took = until_found(claire, 120)
        settings = claire.ask("GET", "/api/system/settings")[1]
        expect(settings["document"]["network"]["mode"] == "dhcp", f"it is undone: {settings}")
        expect(settings["pending"] is None, f"and waits no longer: {settings}")

        right = move(claire)
        until_found(there, 50)
        confirm(there, right)
        time.sleep(70)
        expect(is_found(there), "it stays after its minute")
        expect(MOVED in addresses(machine), "the card has the address")
        machine.power_off()
    return f"undone after {took:.0f} s"


def room_systems_on_a_vlan(office):
    """Room systems on a VLAN of their own: SIP answers there, and not on the office's network; the pages are the office's."""
    rooms = '[network.room_systems]\nvlan = 20\naddress = "192.168.20.5/24"\n'
    box = office.new_box("room_systems_on_a_vlan")
    credentials = {"tabellion.setup": SETUP.replace("[names]", rooms + "[names]")}
    with Wire() as wire, office.start(box, "vlan", credentials=credentials, wire=wire) as machine:
        machine.until(STARTED, START_TIMEOUT)
        expect(machine.run("systemctl --failed --no-legend --plain") == "", "no unit has failed")
        failed = [name for name, check in health(machine).items() if not check["passed"]]
        expect(failed == [], f"the gate's checks pass: {failed}")
        room = wire.equipment(20, "192.168.20.9")
        answer = room.ask("192.168.20.5", 5060, register("192.168.20.9:40000"))
        expect(answer is not None and b" 401 " in answer.splitlines()[0], f"SIP answers on the VLAN: {answer}")
        expect(room.knock("192.168.20.5", 5061) == SYN | ACK, "SIP over TLS as well")
        expect(room.knock("192.168.20.5", 443) is None, "the pages are not for room systems")
        other = wire.equipment(30, "192.168.20.9")
        expect(other.ask("192.168.20.5", 5060, register("192.168.20.9:40000"), patience=5) is None, "nor on another VLAN")
        expect("<div id=" in office.get(), "the pages are on the office's network")
        try:
            status = office.sip_status()
        except TimeoutError:
            status = None
        expect(status is None, f"SIP is not: {status}")
        mark = machine.reboot()
        machine.until(STARTED, START_TIMEOUT, since=mark)
        expect(room.knock("192.168.20.5", 5060) == SYN | ACK, "and so it is after a restart")
        machine.power_off()
    return "401 on VLAN 20"


def confirm(visitor, right):
    """Confirms a change from where the box is found under it, as soon as that is possible."""
    began = time.monotonic()
    while (answer := visitor.ask("POST", CONFIRMATION, right))[0] != 204:
        expect("too_early" in answer[1], f"only the time keeps it: {answer}")
        expect(time.monotonic() - began < 40, f"it is confirmed: {answer}")
        time.sleep(1)


def move(visitor):
    """Gives the box another address; what confirms it."""
    settings = visitor.ask("GET", "/api/system/settings")[1]
    document = settings["document"]
    document["network"] = {"mode": "fixed", "address": f"{MOVED}/24", "gateway": "10.0.2.2", "dns": ["10.0.2.3"]}
    status, pending = visitor.ask("PUT", "/api/system/settings", {"version": settings["version"], "document": document})
    expect(status == 200 and pending["outcome"] == "pending", f"it waits for its confirmation: {pending}")
    expect(pending["address"] == f"https://{MOVED}", f"the page is told where to go: {pending}")
    return {"change": pending["change"], "token": pending["token"]}


def is_found(visitor):
    try:
        return visitor.ask("GET", "/api/health")[0] == 200
    except OSError:
        return False


def until_found(visitor, seconds):
    """How long it took."""
    began = time.monotonic()
    while not is_found(visitor):
        expect(time.monotonic() - began < seconds, f"the box answers within {seconds} s")
        time.sleep(1)
    return time.monotonic() - began
