"""A push service and its devices, for tests: server.py PORT DIR [DEVICE...]

Devices are made at the start, phone, tablet and laptop unless others are named: DIR/devices.json has each one's
subscription by its name, as a browser gives it.
A message that is sent to a device is verified with py-vapid and decrypted with http-ece, the reference
implementations of others, and becomes a file DIR/NNNN.json: {device, headers, size, claims, plain}. What
cannot be is answered 400, and says why in DIR/NNNN.wrong.

DIR/rules.json, when there, says what goes wrong, a list of answers for each device:

  {"phone": [{"status": 503}, {"status": 429, "headers": {"Retry-After": "2"}}, {"status": 410}]}

Each message takes the next answer of its device; after the last one comes 201. An answer with `"silent": true`
takes the message and closes the connection instead of answering.

DIR/shares.json, when there at the start, refuses by chance, which is the same in each run:

  {"busy": 0.05, "refuse": 0.01, "seed": 1}

answers 503 to so large a share of the requests, and 413 to so large a share of the messages of a device, whenever
they come. What falls under a share becomes a line of DIR/refusals.jsonl: {device, topic, status}.
"""

import base64
import collections
import hashlib
import http.server
import itertools
import json
import pathlib
import sys
import threading

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

DEVICES = sys.argv[3:] or ["phone", "tablet", "laptop"]
port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
numbers = itertools.count(1)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    def __init__(self, name):
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), (name * 16).encode()[:16]
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url(point), "auth": base64url(self.auth)}
        self.subscription = {"endpoint": f"http://127.0.0.1:{port}/send/{name}", "keys": keys}

    def decrypt(self, body):
        return http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm").decode()


class Rules:
    """The answers that are left; read again when the file has changed."""

    path, written, left, turn = folder / "rules.json", None, {}, threading.Lock()

    def next(self, device):
        with self.turn:
            # Two files that were written at once may have one time.
            written = (self.path.stat().st_mtime_ns, self.path.stat().st_ino) if self.path.exists() else None
            if written != self.written:
                self.written, self.left = written, json.loads(self.path.read_text()) if written else {}
            answers = self.left.get(device, [])
            return answers.pop(0) if answers else {"status": 201}


class Shares:
    """Chance that is the same in each run; `topic` is a message's name, the same in each try."""

    def __init__(self):
        file = folder / "shares.json"
        self.of = json.loads(file.read_text()) if file.exists() else {}
        self.tries, self.turn = collections.Counter(), threading.Lock()

    def status(self, device, topic):
        """What a message is refused with."""
        if not self.of:
            return None
        with self.turn:
            self.tries[device, topic] += 1
            status = None
            if self.chance(f"{device} {topic}") < self.of["refuse"]:
                status = 413
            elif self.chance(f"{device} {topic} {self.tries[device, topic]}") < self.of["busy"]:
                status = 503
            if status:
                with (folder / "refusals.jsonl").open("a") as book:
                    book.write(json.dumps({"device": device, "topic": topic, "status": status}) + "\n")
            return status

    def chance(self, of):
        digest = hashlib.sha256(f"{self.of['seed']} {of}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        name = self.path.removeprefix("/send/")
        number = next(numbers)
        try:
            said = self.read(devices[name], body)
        except Exception as why:
            (folder / f"{number:04}.wrong").write_text(f"{type(why).__name__}: {why}")
            return self.answer({"status": 400})
        refused = shares.status(name, said["headers"].get("topic"))
        rule = {"status": refused} if refused else rules.next(name)
        if rule.get("status", 201) < 300:
            part = folder / f"{number:04}.part"
            part.write_text(json.dumps({"device": name, **said}))
            part.rename(folder / f"{number:04}.json")
        if rule.get("silent"):
            self.close_connection = True
            return None
        return self.answer(rule)

    def read(self, device, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        authorization = headers["authorization"]
        assert Vapid02.verify(authorization), "the signature is wrong"
        token = authorization.removeprefix("vapid t=").split(",")[0]
        claims = json.loads(unbase64url(token.split(".")[1]))
        return {"headers": headers, "size": len(body), "claims": claims, "plain": device.decrypt(body)}

    def answer(self, rule):
        self.send_response(rule["status"])
        for name, value in rule.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


devices, rules, shares = {name: Device(name) for name in DEVICES}, Rules(), Shares()
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Service)
(folder / "devices.json").write_text(json.dumps({name: d.subscription for name, d in devices.items()}))
print("push service ready", flush=True)
server.serve_forever()
