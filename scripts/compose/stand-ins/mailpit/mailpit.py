#!/usr/bin/env python3
"""Stands in for mailpit: SMTP on 1025, HTTP on 8025.

/livez, /readyz and /api/v1/messages answer as Mailpit's do, as far as they are read here. Mails are kept in
the SQLite file that MP_DATABASE names. `mailpit readyz` asks a running one.
"""

import email
import email.policy
import json
import os
import sqlite3
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if sys.argv[1:] == ["readyz"]:
    urllib.request.urlopen("http://127.0.0.1:8025/readyz", timeout=3)
    sys.exit()

from aiosmtpd.controller import Controller


def database():
    connection = sqlite3.connect(os.environ["MP_DATABASE"], timeout=30)
    connection.execute("CREATE TABLE IF NOT EXISTS mails (id INTEGER PRIMARY KEY, recipients TEXT, raw BLOB)")
    return connection


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        with database() as connection:
            connection.execute(
                "INSERT INTO mails (recipients, raw) VALUES (?, ?)",
                (json.dumps(envelope.rcpt_tos), envelope.original_content),
            )
        return "250 2.0.0 Ok"


def summary(number, recipients, raw):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return {
        "ID": str(number),
        "MessageID": str(mail["Message-ID"]).strip("<>"),
        "Subject": str(mail["Subject"]),
        "To": [{"Name": "", "Address": address} for address in json.loads(recipients)],
    }


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        if path in ("/livez", "/readyz"):
            body = b"ok"
        elif path == "/api/v1/messages":
            with database() as connection:
                rows = connection.execute("SELECT id, recipients, raw FROM mails ORDER BY id DESC").fetchall()
            messages = [summary(*row) for row in rows]
            body = json.dumps({"total": len(messages), "messages": messages}).encode()
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


database()
Controller(Mailbox(), hostname="0.0.0.0", port=1025).start()
ThreadingHTTPServer(("0.0.0.0", 8025), Api).serve_forever()
