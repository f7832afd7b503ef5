"""TLS and a login in front of an HTTP server, for tests: front.py PORT UPSTREAM CERTIFICATE KEY [USER:PASSWORD...]

Requests go on to UPSTREAM (HOST:PORT), which has neither. With users named, whoever is none of them gets 401;
the user `nobody` gets 403 whatever is asked.
"""

import base64
import http.client
import http.server
import ssl
import sys

KEPT = {"content-type", "accept"}


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def refusal(self):
        if not users:
            return None
        kind, _, login = self.headers.get("authorization", "").partition(" ")
        login = base64.b64decode(login).decode() if kind == "Basic" else None
        if login not in users:
            return 401
        return 403 if login.startswith("nobody:") else None

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if refused := self.refusal():
            self.answer(refused, "text/plain", b"")
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() in KEPT}
        behind = http.client.HTTPConnection(upstream, timeout=10)
        behind.request(self.command, self.path, body or None, headers)
        answer = behind.getresponse()
        self.answer(answer.status, answer.headers.get("content-type", ""), answer.read())

    def answer(self, status, kind, body):
        self.send_response(status)
        if status == 401:
            self.send_header("www-authenticate", 'Basic realm="front"')
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = pass_on


port, upstream, certificate, key, *users = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Front)
# A handshake that fails is its client's affair, and takes place in the thread of that client.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print("front ready", flush=True)
server.serve_forever()
