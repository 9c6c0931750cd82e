#!/usr/bin/python3
"""A part of the Kubernetes API for tests: lists and watches pods, over TLS.

Takes a directory, in which it finds server.pem, a certificate with its key. Prints its port, and a line for each
request. The pods are the names in the file `pods` of the directory. When a name is removed, watches get an event.
"""

import http.server
import json
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse

DIRECTORY = pathlib.Path(sys.argv[1])
CLUSTER = {"orleans/serviceId": "chats", "orleans/clusterId": "chats"}


def names():
    return (DIRECTORY / "pods").read_text(encoding="utf-8").split()


def pod(name):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "tests", "labels": CLUSTER}}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802
        url = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(url.query)
        print(f"{self.headers.get('Authorization')} {self.path}", flush=True)
        if self.headers.get("Authorization") != "Bearer token-of-the-pod" or not url.path.startswith("/api/v1/namespaces/tests/pods"):
            self.reply(403, {"kind": "Status", "status": "Failure", "code": 403})
        elif query.get("watch") == ["true"]:
            self.watch()
        elif url.path.endswith("/pods"):
            self.reply(200, {"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": [pod(name) for name in names()]})
        elif url.path.rsplit("/", 1)[1] in names():
            self.reply(200, pod(url.path.rsplit("/", 1)[1]))
        else:
            self.reply(404, {"kind": "Status", "status": "Failure", "code": 404})

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def watch(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        known = names()
        self.chunk("".join(json.dumps({"type": "ADDED", "object": pod(name)}) + "\n" for name in known))
        while True:
            time.sleep(0.05)
            now = names()
            for name in known:
                if name not in now:
                    self.chunk(json.dumps({"type": "DELETED", "object": pod(name)}) + "\n")
            known = now

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Api)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(DIRECTORY / "server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Event().wait()
