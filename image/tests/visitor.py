"""Somebody who uses the box's pages, as far as their HTTP interface goes."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import struct
import time
import urllib.error
import urllib.request

from office import expect


PASSWORD = "Bien-trop-secret-2026"


class Visitor:
    """The administrator of the set-up file."""

    def __init__(self, office):
        self.office, self.cookie, self.secret = office, None, None

    def give_password(self):
        login = {"login": "claire.moreau", "password": PASSWORD}
        expect(self.ask("POST", "/api/session", login)[0] == 200, "the password is right")

    def log_in(self):
        """The first login: password, then an authenticator that is enrolled with its first code."""
        self.give_password()
        status, enrolment = self.ask("POST", "/api/session/authenticator", {})
        expect(status == 200, f"an authenticator can be enrolled: {enrolment}")
        self.secret = enrolment["secret"]
        # The box's clock may be another: it is the machine's, which is this one's.
        code = {"code": totp(enrolment["secret"], time.time())}
        status, answer = self.ask("POST", "/api/session/authenticator/confirmation", code)
        expect(status == 200, f"the first code is right: {answer}")

    def upload(self, content, size, *, again=False, stop_after=None):
        """Sends an update as the page does: pieces of bytes that make `size` in all. Status and answer; None where it was
        given up after `stop_after` bytes."""
        context = ssl._create_unverified_context()
        line = http.client.HTTPSConnection("127.0.0.1", self.office.https_port, context=context, timeout=900)
        line.putrequest("POST", f"/api/system/updates/upload?again={str(again).lower()}")
        headers = {"X-Tabellion": "1", "Cookie": self.cookie, "Content-Type": "application/octet-stream"}
        for name, value in {**headers, "Content-Length": str(size)}.items():
            line.putheader(name, value)
        line.endheaders()
        sent = 0
        for piece in content:
            line.send(piece)
            sent += len(piece)
            if stop_after and sent >= stop_after:
                line.close()
                return None
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, json.loads(text) if text else None

    def updates(self):
        """What the page of updates shows."""
        status, view = self.ask("GET", "/api/system/updates")
        expect(status == 200, f"the page of updates is shown: {status}")
        return view

    def update_ended(self, timeout=900):
        """Waits until the updater has nothing to do; what the page shows then."""
        began = time.monotonic()
        while (view := self.updates())["activity"]["state"] != "idle":
            expect(time.monotonic() - began < timeout, f"the updater ends within {timeout} s: {view['activity']}")
            time.sleep(1)
        return view

    def log_in_again(self):
        """A later login: the authenticator has its secret already; its last code was used."""
        self.give_password()
        time.sleep(31)
        code = {"method": "totp", "code": totp(self.secret, time.time())}
        status, answer = self.ask("POST", "/api/session/second-factor", code)
        expect(status == 200, f"the code is right: {answer}")

    def ask(self, method, path, body=None):
        """Status and JSON of an answer; a refusal's text."""
        data = None if body is None else json.dumps(body).encode()
        status, answer = self.exchange(method, path, data, "application/json")
        if status >= 400:
            return status, answer.decode()
        return status, json.loads(answer) if answer else None

    def exchange(self, method, path, data=None, kind="application/octet-stream"):
        """Status and bytes of an answer; a cookie that comes with it is kept."""
        headers = {"Content-Type": kind, "X-Tabellion": "1"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        url = f"https://127.0.0.1:{self.office.https_port}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        context = ssl._create_unverified_context()
        try:
            with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                if cookie := answer.headers.get("Set-Cookie"):
                    self.cookie = cookie.split(";")[0]
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()


def totp(secret, seconds):
    """What an authenticator shows (RFC 6238: SHA-1, 30 s, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(seconds // 30)), hashlib.sha1).digest()
    offset = mac[-1] & 0xF
    number = (struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000
    return f"{number:06}"
