"""Clients of ZeroMQ: client.py WAY KIND ADDRESS [SERVERKEY PUBLICKEY SECRETKEY]"""

import hashlib
import sys

import zmq
from peer import call, heard, make_socket, next_event, receive, say, send

MEBIBYTE = 1 << 20


def calls(kind, address, keys):
    socket = make_socket(kind, keys)
    socket.connect(address)
    for size in (1, 255, 256, 70_000, MEBIBYTE):
        body = hashlib.shake_128(bytes([size % 251])).digest(size)
        say([size, call(socket, kind, body) == body])
    if kind == "REQ":
        return
    bodies = [b"%d" % number for number in range(500)]
    for body in bodies:
        socket.send_multipart([b"", body])
    say(["in order", [receive(socket, kind) for _ in bodies] == bodies])
    for parts in ([b"alone"], [b"", b"a", b"b"], [b""] * 50, [b"", b""], [b"ignored", b"kept"]):
        socket.send_multipart(parts)
        say([len(parts), receive(socket, kind).decode()])


def beats(kind, address, keys):
    """Asks for signs of life ten times a second, and counts how often it has to connect."""
    socket = make_socket(kind, keys, HEARTBEAT_IVL=100, HEARTBEAT_TIMEOUT=800, HEARTBEAT_TTL=800)
    monitor = socket.get_monitor_socket()
    socket.connect(address)
    call(socket, kind, b"before")
    say(next_event(monitor, ["DISCONNECTED"], 1_500))
    say(call(socket, kind, b"after").decode())


def stays(kind, address, keys):
    """Says one word and is there until the test ends it."""
    socket = make_socket(kind, keys)
    socket.connect(address)
    say(call(socket, kind, b"here").decode())
    heard()


def beats_and_stays(kind, address, keys):
    """The same, having promised by then not to be silent for longer than 400 ms."""
    socket = make_socket(kind, keys, HEARTBEAT_IVL=50, HEARTBEAT_TIMEOUT=10_000, HEARTBEAT_TTL=400)
    monitor = socket.get_monitor_socket()
    socket.connect(address)
    word = call(socket, kind, b"here").decode()
    next_event(monitor, ["DISCONNECTED"], 200)
    say(word)
    heard()


def reads_late(kind, address, keys):
    socket = make_socket(kind, keys, RCVHWM=1, RCVBUF=65_536)
    socket.connect(address)
    send(socket, kind, b"go")
    digest = hashlib.sha256()
    count = int(heard())
    for _ in range(count):
        digest.update(receive(socket, kind))
    say(digest.hexdigest())


def writes_fast(kind, address, keys):
    """Sends until nobody takes any more, then the rest."""
    socket = make_socket(kind, keys, SNDHWM=1, SNDBUF=65_536, SNDTIMEO=500)
    socket.connect(address)
    count, sent = 64, 0
    try:
        while sent < count:
            send(socket, kind, bytes([sent]) * MEBIBYTE)
            sent += 1
    except zmq.Again:
        pass
    say(sent)
    socket.sndtimeo = 20_000
    while sent < count:
        send(socket, kind, bytes([sent]) * MEBIBYTE)
        sent += 1
    say(receive(socket, kind).decode())


def comes_back(kind, address, keys):
    socket = make_socket(kind, keys, RECONNECT_IVL=20)
    monitor = socket.get_monitor_socket()
    socket.connect(address)
    say(call(socket, kind, b"first").decode())
    say(next_event(monitor, ["DISCONNECTED"], 20_000)[0])
    heard()
    say(call(socket, kind, b"second").decode())


def stranger(kind, address, keys):
    """How a client that is not wanted learns of it."""
    socket = make_socket(kind, keys)
    monitor = socket.get_monitor_socket()
    socket.connect(address)
    ends = ["HANDSHAKE_SUCCEEDED", "HANDSHAKE_FAILED_NO_DETAIL", "HANDSHAKE_FAILED_PROTOCOL"]
    ends += ["HANDSHAKE_FAILED_AUTH", "DISCONNECTED"]
    say(next_event(monitor, ends, 20_000))


WAYS = (calls, beats, stays, beats_and_stays, reads_late, writes_fast, comes_back, stranger)

way, kind, address, *keys = sys.argv[1:]
{known.__name__: known for known in WAYS}[way](kind, address, keys)
zmq.Context.instance().destroy(linger=0)
