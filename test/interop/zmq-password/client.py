"""Clients of the password RPC over ZeroMQ, made from the note on the wire with python3-zmq.

usage: client.py WAY PORT PASSWORD. Prints lines of JSON.
"""

import json
import sys
import threading
import time

import zmq

WAY, PORT, PASSWORD = sys.argv[1], sys.argv[2], sys.argv[3]
CONTEXT = zmq.Context()
PATIENCE_MS = 10_000


def say(value):
    print(json.dumps(value), flush=True)


def socket_of(kind, identity=None):
    socket = CONTEXT.socket(kind)
    socket.linger = 0
    socket.rcvtimeo = PATIENCE_MS
    if identity is not None:
        socket.identity = identity
    socket.connect(f"tcp://127.0.0.1:{PORT}")
    return socket


def body(func, *args, password=PASSWORD, **kwargs):
    fields = {"password": password, "func": func, "args": args, "kwargs": kwargs}
    return json.dumps(fields).encode()


def ask(socket, raw):
    """One request of a REQ socket, and its answer as it came."""
    socket.send(raw)
    return socket.recv().decode("ascii")


def session():
    """What the original client does: one REQ socket, one call after the other."""
    socket = socket_of(zmq.REQ)
    for raw in [
        body("ping"),
        body("add", 40, 2),
        body("add", "a", b="b"),
        body("echo", "ä𝄞\n"),
        body("echo", 9007199254740993),
        body("add", 1),
        body("fail", "böse"),
        body("nope"),
        body("ping", password="wrong"),
        b"hello",
        b"",
        body("whoami"),
    ]:
        say(ask(socket, raw))


def together(work, count):
    """So many clients at once, each a REQ socket in a thread of its own; seconds it took."""
    results = [None] * count

    def run(index):
        results[index] = work(socket_of(zmq.REQ), index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, time.monotonic() - began


def slow():
    """Four slow calls from four clients run side by side."""
    results, seconds = together(
        lambda socket, index: json.loads(ask(socket, body("mul", index, 2, 0.5)))["result"], 4
    )
    say({"results": results, "seconds": seconds})


def crowd():
    """Eight clients at once get their own answers."""

    def work(socket, index):
        own = [f"{index}-{number}" for number in range(100)]
        return own == [json.loads(ask(socket, body("echo", text)))["result"] for text in own]

    results, _ = together(work, 8)
    say(results)


def pipeline():
    """A DEALER that does not wait: the first request takes longest, answers keep the order."""
    socket = socket_of(zmq.DEALER)
    socket.send_multipart([b"", body("mul", 2, 3, 0.3)])
    for number in range(100):
        socket.send_multipart([b"", body("echo", number)])
    answers = [socket.recv_multipart() for _ in range(101)]
    say(all(len(parts) == 2 and parts[0] == b"" for parts in answers))
    say([json.loads(parts[1])["result"] for parts in answers])


def shapes():
    """Messages of other parts than (empty, body), which end the original's workers."""
    socket = socket_of(zmq.DEALER)
    for parts in [
        [body("ping")],
        [b"", b"", body("ping")],
        [b"", body("ping"), b"more"],
        [b"x"] * 20,
        [b"not empty", body("ping")],
        [b"", body("ping")],
    ] + [[b"only a body"]] * 20 + [[b"", body("add", 1, 2)]]:
        socket.send_multipart(parts)
        delimiter, answer = socket.recv_multipart()
        say([delimiter.decode(), json.loads(answer)])


def identities():
    """Two sockets that call themselves alike."""
    one, other = (socket_of(zmq.REQ, identity=b"me") for _ in range(2))
    say([json.loads(ask(socket, body("echo", 1)))["result"] for socket in (one, other, one)])


def vanish():
    """A client that leaves without waiting for its answers."""
    socket = socket_of(zmq.DEALER)
    for number in range(50):
        socket.send_multipart([b"", body("mul", number, 1, 0.1)])
    socket.recv_multipart()
    socket.close()
    say("gone")


{
    "session": session,
    "slow": slow,
    "crowd": crowd,
    "pipeline": pipeline,
    "shapes": shapes,
    "identities": identities,
    "vanish": vanish,
}[WAY]()
