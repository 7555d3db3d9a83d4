"""A client of the HELLO / RPC wire over ZeroMQ, as the original has it: REQ, and boxes of PyNaCl."""

import base64
import json

import zmq
from load import PORT, SECRET, sequential
from nacl.public import Box, PrivateKey, PublicKey

socket = zmq.Context().socket(zmq.REQ)
socket.linger = 0
socket.rcvtimeo = socket.sndtimeo = 5_000
socket.connect(f"tcp://127.0.0.1:{PORT}")
secret_key = PrivateKey.generate()
public_key = base64.b64encode(bytes(secret_key.public_key)).decode()


def ask(request):
    socket.send(json.dumps(request).encode())
    return socket.recv()


hello = json.loads(ask({"type": "HELLO", "client_pubkey": public_key}))
box = Box(secret_key, PublicKey(base64.b64decode(hello["server_pubkey"])))


def add(*args):
    call = {"api_key": SECRET, "func": "add", "args": args, "kwargs": {}}
    cipher = base64.b64encode(bytes(box.encrypt(json.dumps(call).encode()))).decode()
    reply = ask({"type": "RPC", "client_pubkey": public_key, "cipher": cipher})
    told = json.loads(box.decrypt(base64.b64decode(reply)).decode())
    if told["status"] != "ok":
        raise RuntimeError(told["error"])
    return told["result"]


sequential(add)
