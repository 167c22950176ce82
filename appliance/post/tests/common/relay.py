"""A mail server (aiosmtpd) that takes mails over TLS from whoever has the password, and is told by the recipients' names what to do:

refused@…  is not known (550)
busy@…     is not taken the first time (450)
rejected@… is not taken once it is read (554)
cut@…      loses the line the first time, in the middle of the mail
lost@…     loses the line the first time, after the mail is taken and before that is said
slow@…     is taken after a second

Prints its port, and then a line of JSON for each mail that it has.

usage: relay.py CERTIFICATE KEY starttls|tls PASSWORD [PORT]
"""

import asyncio
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# It says something to each thing that it is told to do.
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

seen = set()


def first(address):
    if address in seen:
        return False
    seen.add(address)
    return True


def name(address):
    return address.split("@")[0]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if name(address) == "refused":
            return f"550 5.1.1 <{address}>: no such user"
        if name(address) == "busy" and first(address):
            return "450 4.2.1 again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        (address,) = envelope.rcpt_tos
        if name(address) == "rejected":
            return "554 5.7.1 not this text"
        if name(address) == "slow":
            await asyncio.sleep(1)
        keep(session, envelope)
        if name(address) == "lost" and first(address):
            server.transport.abort()
        return "250 OK"


def keep(session, envelope):
    data = envelope.content.decode()
    mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "data": data}
    mail |= {"tls": session.ssl is not None or session.peer_tls, "hello": session.host_name}
    print(json.dumps(mail), flush=True)


class Server(SMTP):
    at_once = False

    async def smtp_DATA(self, arg):
        (address,) = self.envelope.rcpt_tos or ("",)
        if name(address) == "cut" and first(address):
            await self.push("354 go on")
            await self._reader.read(100)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    def _create_session(self):
        session = super()._create_session()
        session.peer_tls = self.at_once
        return session


async def main(certificate, key, security, password, port="0"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    Server.at_once = security == "tls"

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"visio", password.encode()), handled=False)

    def serve():
        starttls = {} if Server.at_once else {"tls_context": context, "require_starttls": True}
        return Server(Handler(), authenticator=login, auth_required=True, auth_require_tls=not Server.at_once, **starttls)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(serve, "127.0.0.1", int(port), ssl=context if Server.at_once else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
