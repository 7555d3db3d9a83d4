"""A server of the HELLO / RPC wire over ZeroMQ, made from the note on the wire with python3-zmq and
python3-nacl.

usage: server.py PORT. Prints its port when it listens, and ends when its standard input does. A
ROUTER in front, a DEALER behind, worker threads in between, new keys at each start.
"""

import json
import os
import sys
import threading
import time

import zmq
from box import PrivateKey, box_with, key_text, seal, unseal

PORT = int(sys.argv[1])
WORKERS = 4
CONTEXT = zmq.Context()
SECRET = PrivateKey.generate()
USERS = {"abc": 1, "key-ü": "alice", **{f"key-{index}": index for index in range(8)}}
SHARED = {}
CALLER = threading.local()


def fail(message):
    raise ValueError(message)


def slow(seconds, value=None):
    time.sleep(seconds)
    return value


def update(name, value):
    SHARED[name] = value
    return True


class Forged(Exception):
    """Makes the server answer in clear, as somebody on the way would."""


def forge(text):
    raise Forged(text)


PUBLIC = {
    "ping": lambda: "pong",
    "forge": forge,
    "__get_public_key__": lambda: key_text(SECRET),
}
PRIVATE = {
    "add": lambda a, b: a + b,
    "echo": lambda value: value,
    "nan": lambda: [float("nan"), 2**64 + 1],
    "whoami": lambda: CALLER.user,
    "shared": lambda: SHARED,
    "fail": fail,
    "slow": slow,
    "__update_shared_var__": update,
}


def answer(raw):
    try:
        return reply_to(json.loads(raw.decode("utf-8")))
    except Forged as forged:
        return str(forged)
    except Exception as thrown:
        return json.dumps({"status": "error", "error": str(thrown)})


def reply_to(request):
    if request.get("type") == "HELLO":
        box_with(SECRET, request["client_pubkey"])
        return json.dumps({"type": "HELLO_ACK", "server_pubkey": key_text(SECRET)})
    box = box_with(SECRET, request["client_pubkey"])
    call = json.loads(unseal(box, request["cipher"]))
    func = PUBLIC.get(call["func"]) or PRIVATE.get(call["func"])
    if func is None:
        raise ValueError(f"Funktion {call['func']} nicht gefunden")
    if call["func"] in PRIVATE and call.get("api_key") not in USERS:
        raise ValueError("Ungültiger API-Key")
    CALLER.user = USERS.get(call.get("api_key"))
    result = func(*call.get("args", []), **call.get("kwargs", {}))
    return seal(box, json.dumps({"status": "ok", "result": result}))


def work():
    socket = CONTEXT.socket(zmq.DEALER)
    socket.connect("inproc://workers")
    while True:
        identity, delimiter, raw = socket.recv_multipart()
        socket.send_multipart([identity, delimiter, answer(raw).encode()])


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
