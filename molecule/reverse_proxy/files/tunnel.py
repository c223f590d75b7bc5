"""A service that agrees to every upgrade to WebSocket and then sends back each byte that it gets."""

import base64
import hashlib
import http.server

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    """Bytes are passed on as they come: what is between the ends need not know frames."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Upgrade, and echo until the client goes."""
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


http.server.ThreadingHTTPServer(("", 8081), Handler).serve_forever()
