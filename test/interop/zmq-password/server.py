"""A server of the password RPC over ZeroMQ, made from the note on the wire with python3-zmq.

usage: server.py PORT PASSWORD. Prints its port when it listens, and ends when its standard input
does. A ROUTER in front, a DEALER behind, worker threads in between, as the original has them.
"""

import json
import os
import sys
import threading
import time

import zmq

PORT, PASSWORD = int(sys.argv[1]), sys.argv[2]
WORKERS = 4
CONTEXT = zmq.Context()


def fail(message):
    raise ValueError(message)


def slow(seconds, value=None):
    time.sleep(seconds)
    return value


def malformed(kind):
    raise Malformed(kind)


class Malformed(Exception):
    """Makes the server answer with what is no answer."""


FUNCTIONS = {
    "ping": lambda: "pong",
    "add": lambda a, b: a + b,
    "echo": lambda value: value,
    "nan": lambda: [float("nan"), float("inf"), float("-inf")],
    "big": lambda: 2**64 + 1,
    "types": lambda *args, **kwargs: [[type(value).__name__ for value in args], kwargs],
    "fail": fail,
    "slow": slow,
    "malformed": malformed,
}


def answer(raw):
    try:
        request = json.loads(raw.decode("utf-8"))
        if request.get("password") != PASSWORD:
            return error("Ungültiges Passwort")
        func = FUNCTIONS.get(request["func"])
        if func is None:
            return error(f"Funktion {request['func']} nicht gefunden")
        result = func(*request.get("args", []), **request.get("kwargs", {}))
        return json.dumps({"status": "ok", "result": result}).encode()
    except Malformed as thrown:
        return {"text": b"nonsense", "list": b"[]", "bare": b'{"status": "ok"}'}[str(thrown)]
    except Exception as thrown:
        return error(str(thrown))


def error(text):
    return json.dumps({"status": "error", "error": text}).encode()


def work():
    socket = CONTEXT.socket(zmq.DEALER)
    socket.connect("inproc://workers")
    while True:
        identity, delimiter, raw = socket.recv_multipart()
        socket.send_multipart([identity, delimiter, answer(raw)])


def main():
    front = CONTEXT.socket(zmq.ROUTER)
    front.linger = 0
    front.bind(f"tcp://127.0.0.1:{PORT if PORT else '*'}")
    back = CONTEXT.socket(zmq.DEALER)
    back.bind("inproc://workers")
    for _ in range(WORKERS):
        threading.Thread(target=work, daemon=True).start()
    threading.Thread(target=zmq.proxy, args=(front, back), daemon=True).start()
    print(front.last_endpoint.decode().rsplit(":", 1)[1], flush=True)
    sys.stdin.read()
    # The sockets belong to their threads, which never end.
    os._exit(0)


main()
