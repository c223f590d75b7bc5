"""Another web service: it answers with what it was asked, so that a test can see what the proxy passed on."""

import http.server
import json


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the request itself."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"service": "other", "path": self.path, "headers": headers}).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
