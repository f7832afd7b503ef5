"""A real SMTP server for tests: server.py PORT DIR [--tls starttls|wrapped --certificate CRT --key KEY]
[--login USER:PASSWORD]

With --tls it takes mails over TLS alone, with --login from that user alone, who is let in over TLS alone where
there is any. Each message it accepts becomes two files in DIR: NNNN.eml, the bytes exactly as they were sent, and
NNNN.json, the envelope, written last, which also says whether it came over TLS and by whom. DIR/rules.json, when
there, says what goes wrong; it is read again for every message:

  {"defer": 2,           answer 451 to the next 2 messages, at RCPT
   "refuse": "bounce@",  answer 550 to recipients that this pattern finds, at RCPT
   "lose_answer": 1,     accept the next 1 message, then drop the connection instead of answering 250
   "defer_share": 0.05,  answer 451 to so large a share of the tries, in place of taking the message
   "refuse_share": 0.01, answer 554 to so large a share of the messages, whenever they come
   "seed": 1}            what the shares are chosen by, with the Message-ID

A number counts from the moment the file was written. What falls under a share becomes a line of
DIR/refusals.jsonl: {message_id, code}.
"""

import argparse
import asyncio
import collections
import email
import email.policy
import hashlib
import json
import pathlib
import re
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


def mark(path):
    """What tells a file from the one before: two that were written at once may have one time."""
    return (path.stat().st_mtime_ns, path.stat().st_ino) if path.exists() else None


class Rules:
    def __init__(self, path):
        self.path, self.written, self.values = path, None, {}

    def get(self, name, default):
        written = mark(self.path)
        if written != self.written:
            self.written = written
            self.values = json.loads(self.path.read_text()) if written else {}
        return self.values.get(name, default)

    def take(self, name):
        """Whether one of the next N was left, which it then no longer is."""
        left = self.get(name, 0)
        if left:
            self.values[name] = left - 1
        return left > 0


class Shares:
    """Chance that is the same in each run, and for good the same for each message."""

    def __init__(self, folder, rules):
        self.book, self.rules, self.tries = folder / "refusals.jsonl", rules, collections.Counter()

    def code(self, message):
        """What a message is refused with."""
        defer, refuse = self.rules.get("defer_share", 0), self.rules.get("refuse_share", 0)
        if not (defer or refuse):
            return None
        number = email.message_from_bytes(message, policy=email.policy.default)["Message-ID"]
        self.tries[number] += 1
        code = None
        if self.chance(number) < refuse:
            code = 554
        elif self.chance(f"{number} {self.tries[number]}") < defer:
            code = 451
        if code:
            with self.book.open("a") as book:
                book.write(json.dumps({"message_id": number, "code": code}) + "\n")
        return code

    def chance(self, of):
        digest = hashlib.sha256(f"{self.rules.get('seed', 0)} {of}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64


class Mailbox:
    def __init__(self, folder):
        self.folder, self.rules, self.count = folder, Rules(folder / "rules.json"), 0
        self.shares = Shares(folder, self.rules)

    async def handle_RCPT(self, server, session, envelope, address, options):
        pattern = self.rules.get("refuse", None)
        if pattern and re.search(pattern, address):
            return "550 5.1.1 no such mailbox"
        if self.rules.take("defer"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        code = self.shares.code(envelope.original_content)
        if code:
            return f"{code} 4.3.0 try again later" if code < 500 else f"{code} 5.6.0 not wanted here"
        self.count += 1
        name = f"{self.count:04}"
        (self.folder / f"{name}.eml").write_bytes(envelope.original_content)
        part = self.folder / f"{name}.part"
        said = {"from": envelope.mail_from, "to": envelope.rcpt_tos}
        tls = server.transport.get_extra_info("sslcontext") is not None
        user = session.auth_data.login.decode() if session.authenticated else None
        part.write_text(json.dumps({**said, "tls": tls, "user": user}))
        part.rename(self.folder / f"{name}.json")
        if self.rules.take("lose_answer"):
            server.transport.abort()
        return "250 2.0.0 OK"


def settings(options):
    """What aiosmtpd is told of TLS and the login, and the TLS of its port."""
    context = None
    if options.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    wrapped = options.tls == "wrapped"
    told = {}
    if options.tls == "starttls":
        told |= {"tls_context": context, "require_starttls": True}
    if options.login:
        expected = tuple(options.login.encode().split(b":", 1))
        check = lambda server, session, envelope, mechanism, given: AuthResult(
            success=(given.login, given.password) == expected, handled=False, auth_data=given
        )
        # aiosmtpd knows of no TLS but STARTTLS.
        told |= {"authenticator": check, "auth_required": True, "auth_require_tls": options.tls == "starttls"}
    return told, context if wrapped else None


async def main(options):
    mailbox = Mailbox(options.folder)
    mailbox.count = len(list(mailbox.folder.glob("*.eml")))
    told, tls = settings(options)
    smtp = lambda: SMTP(mailbox, hostname="localhost", enable_SMTPUTF8=True, decode_data=False, **told)
    server = await asyncio.get_running_loop().create_server(smtp, "127.0.0.1", options.port, ssl=tls)
    print("mail server ready", flush=True)
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--tls", choices=["starttls", "wrapped"])
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--login")
asyncio.run(main(parser.parse_args()))
