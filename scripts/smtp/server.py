"""A real SMTP server for tests: server.py PORT DIR

Each message it accepts becomes two files in DIR: NNNN.eml, the bytes exactly as they were sent, and
NNNN.json, the envelope, written last. DIR/rules.json, when there, says what goes wrong; it is read
again for every message:

  {"defer": 2,          answer 451 to the next 2 messages, at RCPT
   "refuse": "bounce@", answer 550 to recipients that this pattern finds, at RCPT
   "lose_answer": 1}    accept the next 1 message, then drop the connection instead of answering 250

A number counts from the moment the file was written.
"""

import asyncio
import json
import pathlib
import re
import sys

from aiosmtpd.smtp import SMTP


class Rules:
    def __init__(self, path):
        self.path, self.written, self.values = path, None, {}

    def get(self, name, default):
        written = self.path.stat().st_mtime_ns if self.path.exists() else None
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


class Mailbox:
    def __init__(self, folder):
        self.folder, self.rules, self.count = folder, Rules(folder / "rules.json"), 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        pattern = self.rules.get("refuse", None)
        if pattern and re.search(pattern, address):
            return "550 5.1.1 no such mailbox"
        if self.rules.take("defer"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = f"{self.count:04}"
        (self.folder / f"{name}.eml").write_bytes(envelope.original_content)
        part = self.folder / f"{name}.part"
        part.write_text(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos}))
        part.rename(self.folder / f"{name}.json")
        if self.rules.take("lose_answer"):
            server.transport.abort()
        return "250 2.0.0 OK"


async def main(port, folder):
    mailbox = Mailbox(pathlib.Path(folder))
    mailbox.count = len(list(mailbox.folder.glob("*.eml")))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", enable_SMTPUTF8=True, decode_data=False), "127.0.0.1", port
    )
    print("mail server ready", flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
