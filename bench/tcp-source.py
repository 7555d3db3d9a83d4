"""Sends over TCP without end, under a congestion control of one's choice: tcp-source.py HOST CONTROL.

Node cannot choose it for a socket. Prints its port."""

import socket
import sys

host, control = sys.argv[1:]
with socket.create_server((host, 0)) as server:
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())
    print(server.getsockname()[1], flush=True)
    taker, _ = server.accept()
    piece = bytes(65536)
    while True:
        taker.sendall(piece)
