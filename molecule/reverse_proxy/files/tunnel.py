"""A service that agrees to every upgrade to WebSocket and then sends back each byte that it gets.

What asks for /tunnel/wait/SECONDS gets its answer so late.
"""

import base64
import hashlib
import http.server
import time

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    """Bytes are passed on as they come: what is between the ends need not know frames."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer late, or upgrade and echo until the client goes."""
        if "/wait/" in self.path:
            self.answer_late(int(self.path.rpartition("/")[2]))
            return
        digest = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + MAGIC).encode()).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
        self.end_headers()
        while True:
            data = self.connection.recv(4096)
            if not data:
                break
            self.connection.sendall(data)
        self.close_connection = True

    def answer_late(self, seconds):
        """Answer as a long poll does when nothing happens."""
        time.sleep(seconds)
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"late")


http.server.ThreadingHTTPServer(("", 8081), Handler).serve_forever()
