"""Servers of ZeroMQ: server.py WAY KIND ADDRESS [SERVERKEY PUBLICKEY SECRETKEY]"""

import os
import sys
import threading

import zmq
from peer import heard, make_socket, next_event, say


def until_the_test_ends():
    """The end of stdin ends the program although its socket waits."""

    def wait():
        sys.stdin.read()
        # Not `sys.exit`, which would only end this thread.
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def shapes(routing_id, body):
    """What comes back for a body: the body itself, or what a client must not die of."""
    return {
        b"only a body": [routing_id, b"alone"],
        b"three parts": [routing_id, b"", b"a", b"b"],
        b"full delimiter": [routing_id, b"not empty", b"kept"],
    }.get(body, [routing_id, b"", body])


def echo(socket, kind):
    until_the_test_ends()
    while True:
        if kind == "REP":
            socket.send(socket.recv())
        else:
            routing_id, _delimiter, body = socket.recv_multipart()
            socket.send_multipart(shapes(routing_id, body))


def beats(socket, kind):
    """Asks a client that is idle for signs of life, and would lose it without."""
    monitor = socket.get_monitor_socket()
    socket.send_multipart(socket.recv_multipart())
    say(next_event(monitor, ["DISCONNECTED"], 1_500))
    socket.send_multipart(socket.recv_multipart())
    heard()


def reads_late(socket, kind):
    count = int(heard())
    for _ in range(count):
        routing_id, _delimiter, body = socket.recv_multipart()
    socket.send_multipart([routing_id, b"", b"%d" % len(body)])
    heard()


WAYS = (echo, beats, reads_late)
OPTIONS = {
    "echo": {"RCVTIMEO": -1},
    "beats": {"HEARTBEAT_IVL": 100, "HEARTBEAT_TIMEOUT": 800, "HEARTBEAT_TTL": 800},
    "reads_late": {"RCVHWM": 1, "RCVBUF": 65_536},
}

way, kind, address, *keys = sys.argv[1:]
server = make_socket(kind, keys, as_server=True, **OPTIONS[way])
server.bind(address)
say(server.getsockopt_string(zmq.LAST_ENDPOINT))
{known.__name__: known for known in WAYS}[way](server, kind)
