"""Clients of the HELLO / RPC wire over ZeroMQ, made from the note on the wire with python3-zmq and
python3-nacl.

usage: client.py WAY PORT. Prints lines of JSON.
"""

import json
import sys
import threading
import time

import zmq
from box import PrivateKey, box_with, key_text, seal, unseal

WAY, PORT = sys.argv[1], sys.argv[2]
CONTEXT = zmq.Context()
PATIENCE_MS = 10_000


def say(value):
    print(json.dumps(value), flush=True)


def socket_of(kind):
    socket = CONTEXT.socket(kind)
    socket.linger = 0
    socket.rcvtimeo = PATIENCE_MS
    socket.connect(f"tcp://127.0.0.1:{PORT}")
    return socket


class Client:
    """What the original client is: one REQ socket, one pair of keys, one call after the other."""

    def __init__(self, api_key=None, socket=None):
        self.api_key = api_key
        self.socket = socket or socket_of(zmq.REQ)
        self.secret = PrivateKey.generate()
        hello = {"type": "HELLO", "client_pubkey": key_text(self.secret)}
        acknowledged = json.loads(self.ask(json.dumps(hello)))
        assert acknowledged["type"] == "HELLO_ACK", acknowledged
        self.extra = sorted(acknowledged.keys() - {"type", "server_pubkey"})
        self.box = box_with(self.secret, acknowledged["server_pubkey"])

    def ask(self, body):
        self.socket.send(body.encode())
        return self.socket.recv().decode()

    def envelope(self, func, *args, **kwargs):
        call = {"api_key": self.api_key, "func": func, "args": args, "kwargs": kwargs}
        cipher = seal(self.box, json.dumps(call))
        return json.dumps({"type": "RPC", "client_pubkey": key_text(self.secret), "cipher": cipher})

    def opened(self, body):
        """As the original reads a reply: open it, or else take it for JSON."""
        try:
            return json.loads(unseal(self.box, body))
        except Exception:
            return json.loads(body)

    def call(self, func, *args, **kwargs):
        reply = self.opened(self.ask(self.envelope(func, *args, **kwargs)))
        return reply["result"] if reply["status"] == "ok" else {"error": reply["error"]}


def session():
    client = Client("abc")
    say(client.extra)
    say(client.call("ping"))
    say(client.call("add", 40, 2))
    say(client.call("add", "a", b="b"))
    say(client.call("whoami"))
    say(client.call("echo", "ä𝄞\n"))
    say(client.call("echo", 9007199254740993))
    say(client.call("echo", "z" * 300_000) == "z" * 300_000)
    say(client.call("add", 1))
    say(client.call("fail", "böse"))
    say(client.call("nope"))
    say(client.call("__get_public_key__") == key_text_of_server(client))
    say(client.opened(client.ask("hello")))
    say(client.opened(client.ask("")))
    say(client.call("whoami"))


def key_text_of_server(client):
    hello = {"type": "HELLO", "client_pubkey": key_text(client.secret)}
    return json.loads(client.ask(json.dumps(hello)))["server_pubkey"]


def keys():
    """Wrong key, no key, and what is public."""
    for key in ["wrong", None]:
        client = Client(key)
        say([client.call("ping"), client.call("whoami"), client.call("nope")])


def crowd():
    """Eight clients at once with different keys are told apart."""
    results = [None] * 8

    def work(index):
        client = Client(f"key-{index}")
        results[index] = all(client.call("whoami") == index for _ in range(100))

    run_all(work, len(results))
    say(results)


def slow():
    """Four slow calls from four clients run side by side."""
    results = [None] * 4

    def work(index):
        results[index] = Client("abc").call("mul", index, 2, 0.5)

    began = time.monotonic()
    run_all(work, len(results))
    say({"results": results, "seconds": time.monotonic() - began})


def run_all(work, count):
    threads = [threading.Thread(target=work, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def pipeline():
    """A DEALER that does not wait: the first request takes longest, answers keep the order."""
    client = Client("abc")
    dealer = socket_of(zmq.DEALER)
    dealer.send_multipart([b"", client.envelope("mul", 2, 3, 0.3).encode()])
    for number in range(100):
        dealer.send_multipart([b"", client.envelope("echo", number).encode()])
    say([client.opened(dealer.recv_multipart()[1].decode())["result"] for _ in range(101)])


def replay():
    """The same envelope twice, the second time from somewhere else."""
    client = Client("abc")
    envelope = client.envelope("add", 1, 2)
    say(client.opened(client.ask(envelope)))
    say(client.opened(client.ask(envelope)))
    other = Client("abc")
    say(client.opened(other.ask(envelope)))
    say(client.call("add", 1, 2))


def shapes():
    """Messages of other parts than (empty, body), more than the original has workers."""
    dealer = socket_of(zmq.DEALER)
    for parts in [[b"one"], [b"", b"", b"three"], [b"x"] * 9] * 3:
        dealer.send_multipart(parts)
        say(json.loads(dealer.recv_multipart()[1])["status"])
    say(Client("abc").call("ping"))


def shared():
    """Assigning shared variables, with a key and without."""
    say(Client("abc").call("__update_shared_var__", "zahl", 5))
    say(Client(None).call("__update_shared_var__", "zahl", 6))


{
    "session": session,
    "keys": keys,
    "crowd": crowd,
    "slow": slow,
    "pipeline": pipeline,
    "replay": replay,
    "shapes": shapes,
    "shared": shared,
}[WAY]()
