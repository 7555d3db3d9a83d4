"""A client of the password RPC over ZeroMQ, as the original has it: one REQ socket, JSON."""

import json

import zmq
from load import PORT, SECRET, sequential

socket = zmq.Context().socket(zmq.REQ)
socket.linger = 0
socket.rcvtimeo = socket.sndtimeo = 5_000
socket.connect(f"tcp://127.0.0.1:{PORT}")


def add(*args):
    request = {"password": SECRET, "func": "add", "args": args, "kwargs": {}}
    socket.send(json.dumps(request).encode("utf-8"))
    reply = json.loads(socket.recv().decode("utf-8"))
    if reply["status"] != "ok":
        raise RuntimeError(reply["error"])
    return reply["result"]


sequential(add)
