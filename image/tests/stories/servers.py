"""What a box has to do with servers of others: an SFTP server that takes its backups, an authority that certifies its name.

They are real ones, on this machine's loopback addresses: 10.0.2.2 for a box in QEMU's user network.
"""

import base64
import json
import os
import re
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager

from machine import Failure
from office import START_TIMEOUT, STARTED, expect, free_port
from visitor import PASSWORD, Visitor

from .settings import confirm

HERE = "10.0.2.2"
HOST = "visio.office.test"
TSIG_NAME, TSIG_SECRET = "visio-acme", base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def backups_over_sftp(office):
    """A schedule to an SFTP server that was introduced and confirmed: the first backup lies there; a stranger gets none."""
    with office.running("backups_over_sftp") as machine:
        visitor = Visitor(office)
        visitor.log_in()
        with sftp_server(machine.folder / "sftp") as server:
            introduced = introduce(visitor, server)
            expect(introduced["host_keys"][0]["fingerprint"] == server["fingerprint"], f"the server's key: {introduced}")
            server["allowed"].write_text(introduced["public_key"] + "\n")
            schedule(visitor, server, introduced["host_keys"][0]["key"])
            state = told(machine, "succeeded")
            expect(state["refused"] is None, f"it arrived: {state}")
            names = os.listdir(server["backups"])
            expect(len(names) == 1 and names[0].endswith(".tabellion"), f"it is whole on the server: {names}")
            content = (server["backups"] / names[0]).read_bytes()
            expect(content.startswith(b"age-encryption.org/v1") and b"Claire" not in content, "and encrypted")
            expect(machine.run("ls /var/lib/tabellion-outgoing") == "", "nothing stays on the box")
        with sftp_server(machine.folder / "stranger", port=server["port"]) as stranger:
            stranger["allowed"].write_text(introduced["public_key"] + "\n")
            schedule(visitor, stranger, introduced["host_keys"][0]["key"])
            state = told(machine, "refused")
            expect("serveur SFTP" in state["refused"], f"another machine under its address is refused: {state}")
            expect(os.listdir(stranger["backups"]) == [], "and gets nothing")
        machine.power_off()
        return f"{len(content) >> 10} KiB"


def certificate_by_acme(office):
    """Settings that ask for a certificate of an authority: the box proves its name in the office's DNS, and serves it."""
    with office.running("certificate_by_acme") as machine, name_server(machine.folder / "dns"):
        with authority(machine.folder / "authority") as (directory, trusted):
            visitor = Visitor(office)
            visitor.log_in()
            settings = visitor.ask("GET", "/api/system/settings")[1]
            settings["document"]["certificate"] = {
                "kind": "acme", "directory": directory, "contact": "claire@office.test", "authority": trusted,
                "dns_provider": "rfc2136",
                "rfc2136": {"server": HERE, "key_name": TSIG_NAME, "key_secret": TSIG_SECRET},
            }  # fmt: skip
            change = {"version": settings["version"], "document": settings["document"]}
            began = time.monotonic()
            status, answer = visitor.ask("PUT", "/api/system/settings", change)
            expect(status == 200, f"the settings are taken: {answer}")
            until_served_by(office, "Pebble", 240)
            took = time.monotonic() - began
            expect(served_subject(office) == HOST, "it is for the box's name")
            expect(machine.run("systemctl --failed --no-legend --plain") == "", "no unit has failed")
            confirm(visitor, {"change": answer["change"], "token": answer["token"]})
            mark = machine.reboot()
            machine.until(STARTED, START_TIMEOUT, since=mark)
            # The next start serves it at once, and the gate takes it for the right one.
            until_served_by(office, "Pebble", 30)
            machine.power_off()
            return f"served after {took:.0f} s"


def introduce(visitor, server):
    status, introduced = visitor.ask("POST", "/api/system/backup/schedule/sftp", {"host": HERE, "port": server["port"]})
    expect(status == 200, f"the server is introduced: {introduced}")
    return introduced


def schedule(visitor, server, host_key):
    sftp = {
        "host": HERE, "port": server["port"], "user": "root", "folder": str(server["backups"]), "host_key": host_key
    }  # fmt: skip
    wanted = {"every": "day", "hour": 2, "keep": 3, "sftp": sftp}
    status, answer = visitor.ask("PUT", "/api/system/backup/schedule", {"password": PASSWORD, "schedule": wanted})
    expect(status == 200, f"it is scheduled: {answer}")


def told(machine, what):
    """What became of scheduled backups, once that is known of the last one."""
    began = time.monotonic()
    while time.monotonic() - began < 300:
        state = json.loads(machine.run("cat /var/lib/tabellion/scheduled-backups.json 2>/dev/null || echo '{}'"))
        if state.get(what):
            return state
        time.sleep(2)
    raise Failure(f"a backup has {what} within 5 min: {state}")


@contextmanager
def sftp_server(folder, port=None):
    """OpenSSH's: its port, its key's fingerprint, its folder for backups, and its list of who may come."""
    port = port or free_port(socket.SOCK_STREAM)
    backups, allowed, key = folder / "backups", folder / "allowed", folder / "host"
    backups.mkdir(parents=True)
    allowed.touch()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", key], check=True, capture_output=True, text=True).stdout
    config = folder / "config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {key}\nAuthorizedKeysFile {allowed}\nPidFile none\nStrictModes no\n"
        "UsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nSubsystem sftp internal-sftp\n"
    )
    os.makedirs("/run/sshd", exist_ok=True)
    with running(["/usr/sbin/sshd", "-D", "-e", "-f", config], folder / "log", port):
        yield {"port": port, "fingerprint": shown.split()[1], "backups": backups, "allowed": allowed}


@contextmanager
def name_server(folder):
    """BIND with the office's zone, which whoever has the key may change (RFC 2136). On port 53: boxes know no other."""
    folder.mkdir()
    (folder / "zone").write_text(
        "$TTL 60\n@ IN SOA ns.office.test. admin.office.test. 1 60 60 600 60\n@ IN NS ns.office.test.\n"
        "ns IN A 127.0.0.1\nvisio IN A 127.0.0.1\n"
    )
    (folder / "config").write_text(
        f'key "{TSIG_NAME}" {{ algorithm hmac-sha256; secret "{TSIG_SECRET}"; }};\n'
        f'options {{ directory "{folder}"; listen-on port 53 {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;'
        f' pid-file none; session-keyfile none; dnssec-validation no; }};\ncontrols {{ }};\n'
        f'zone "office.test" {{ type primary; file "zone"; allow-update {{ key "{TSIG_NAME}"; }}; }};\n'
    )
    with running(["named", "-g", "-c", folder / "config"], folder / "log", 53):
        yield


@contextmanager
def authority(folder):
    """Pebble, which asks the name server: its directory, and what its server is trusted by."""
    folder.mkdir()
    port, management = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM)
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    root = ["-subj", "/CN=The office's own authority", "-keyout", folder / "root.key", "-out", folder / "root.pem"]
    server = ["-subj", "/CN=Its server", "-CA", folder / "root.pem", "-CAkey", folder / "root.key"]
    server += ["-addext", f"subjectAltName=IP:{HERE}", "-addext", "basicConstraints=critical,CA:FALSE"]
    server += ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    for arguments in (root, server):
        subprocess.run(made + arguments, check=True, stderr=subprocess.DEVNULL)
    config = {
        "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "certificate.pem"), "privateKey": str(folder / "key.pem"), "httpPort": 5002,
        "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": False,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps({"pebble": config}))
    command = ["pebble", "-config", folder / "config.json", "-dnsserver", "127.0.0.1:53"]
    # It waits for up to 15 s before it looks otherwise.
    with running(command, folder / "log", port, {"PEBBLE_VA_NOSLEEP": "1"}):
        yield f"https://{HERE}:{port}/dir", (folder / "root.pem").read_text()


@contextmanager
def running(command, log, port, more=None):
    """A server, from where it listens to the end of the story."""
    with open(log, "wb") as told:
        server = subprocess.Popen(command, stdout=told, stderr=told, env={**os.environ, **(more or {})})
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            expect(server.poll() is None, f"{command[0]} runs: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        server.kill()
        server.wait()


def certificate(office):
    pem = ssl.get_server_certificate(("127.0.0.1", office.https_port), timeout=20)
    shown = ["openssl", "x509", "-noout", "-issuer", "-ext", "subjectAltName"]
    return subprocess.run(shown, input=pem, check=True, capture_output=True, text=True).stdout


def until_served_by(office, issuer, seconds):
    began = time.monotonic()
    shown = "nothing"
    while time.monotonic() - began < seconds:
        try:
            shown = certificate(office)
        except OSError as problem:
            # The box starts its control anew with other settings.
            shown = str(problem)
        if issuer in shown:
            return
        time.sleep(2)
    raise Failure(f"{issuer}'s certificate is served within {seconds} s: {shown}")


def served_subject(office):
    return re.search(r"DNS:(\S+)", certificate(office))[1]
