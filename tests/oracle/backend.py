# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service that answers with what it was asked: `backend.py PORT [CERTIFICATE KEY]`."""

from __future__ import annotations

import http.server
import json
import ssl
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every request as JSON; below /wait/ only after as many seconds as the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer, and count the bytes of the request's body."""
        length = 0
        wanted = int(self.headers.get("Content-Length", 0))
        while length < wanted:
            length += len(self.rfile.read(min(65536, wanted - length)))
        if self.path.startswith("/wait/"):
            time.sleep(int(self.path.rpartition("/")[2]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"path": self.path, "headers": headers, "length": length}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Powered-By", "a test")
        self.send_header("Strict-Transport-Security", "max-age=1")
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_GET


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[2:])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
