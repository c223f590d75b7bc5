"""A server on a guest: says over TCP and UDP who it is and whom it sees, and echoes what it gets over TCP."""

import socket
import socketserver
import threading

TCP_PORT = 4443
UDP_PORT = 10000
NAME = socket.gethostname()


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(f"{NAME} saw {self.client_address[0]}\n".encode())
        for line in self.rfile:
            self.wfile.write(line)


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        answer = f"{NAME} saw {self.client_address[0]}".encode()
        self.request[1].sendto(answer, self.client_address)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    datagrams = socketserver.UDPServer(("", UDP_PORT), Datagram)
    threading.Thread(target=datagrams.serve_forever, daemon=True).start()
    Server(("", TCP_PORT), Stream).serve_forever()
