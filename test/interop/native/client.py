"""A client made from docs/dialects/native.md: greets a server, calls it, and prints what it hears.

client.py HOST PORT SERVER_KEY_HEX WAY [CREDENTIAL], WAY one of nothing, token, api-key, key-pair,
first-contact, secret. Prints one JSON value a line.
"""

import json
import socket
import sys

from noise import KeyPair
from wire import Records, begin, key_pair_of_api_key, psk_of_secret

WINDOW = 1024


class Client:
    def __init__(self, host, port, server_key, way, credential):
        self.socket = socket.create_connection((host, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard, self.next_id = [], 1
        pattern, scheme, options = plan(server_key, way, credential)
        handshake, first = begin(pattern, **options)
        self.write(first)
        answer = self.read()
        if answer[0] == 0:
            raise SystemExit("alert: " + answer[1:].decode())
        handshake.read(answer[1:])
        if pattern == "XX":
            assert handshake.remote_static == server_key, "a stranger"
        if pattern in ("XK", "XX"):
            self.write(b"\x01" + handshake.write())
        # Filled up, so that the server proves that it takes padding.
        self.records = Records(handshake, padding=32)
        hello = {"maxFrameBytes": 1 << 20, "features": [], "name": "python", **scheme}
        self.write(self.records.say(hello))
        self.server = self.records.hear(self.read())
        if "refused" in self.server:
            raise SystemExit(f"refused: {self.server['refused']}")

    def write(self, frame):
        self.socket.sendall(len(frame).to_bytes(4, "big") + frame)

    def read(self):
        length = int.from_bytes(self.exactly(4), "big")
        return self.exactly(length)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            if not chunk:
                raise SystemExit("the server left")
            data += chunk
        return data

    def say(self, *values):
        self.write(self.records.encode(*values))

    def hear(self, *kinds):
        """The next message of one of these kinds; others wait."""
        while True:
            for at, message in enumerate(self.heard):
                if message[0] in kinds:
                    return self.heard.pop(at)
            self.heard += self.records.decode(self.read())

    def call(self, procedure, *args):
        number, self.next_id = self.next_id, self.next_id + 2
        self.say(0, number, procedure, list(args))
        return self.answer(number)

    def answer(self, number):
        kind, fields = self.hear("result", "error")
        assert fields["id"] == number
        return fields.get("value") if kind == "result" else {"error": fields["code"]}

    def stream(self, procedure, *args):
        """Counts and adds the items of a stream, granting more as they come."""
        number, self.next_id = self.next_id, self.next_id + 2
        self.say(0, number, procedure, list(args))
        count = total = taken = 0
        while True:
            kind, fields = self.hear("item", "end", "error")
            if kind != "item":
                return {"items": count, "sum": total}
            count, total, taken = count + 1, total + fields["value"], taken + 1
            if taken == WINDOW // 4:
                self.say(8, number, taken)
                taken = 0

    def stream_in(self, procedure, values):
        number, self.next_id = self.next_id, self.next_id + 2
        self.say(1, number, procedure, [], None, {"by": "python"}, 10_000, True)
        credit = WINDOW
        for each in values:
            if credit == 0:
                credit += self.hear("credit")[1]["items"]
            self.say(6, number, each)
            credit -= 1
        self.say(7, number)
        return self.answer(number)


def plan(server_key, way, credential):
    """The pattern, what the hello says of it, and the keys."""
    if way == "token":
        return "NK", {"scheme": "token", "token": credential}, {"server_key": server_key}
    if way == "nothing":
        return "NK", {"scheme": "anonymous"}, {"server_key": server_key}
    if way == "secret":
        return "NNpsk0", {"scheme": "secret"}, {"psk": psk_of_secret(bytes.fromhex(credential))}
    keys = key_pair_of_api_key(credential) if way == "api-key" else KeyPair(bytes.fromhex(credential))
    if way == "first-contact":
        return "XX", {"scheme": "public-key"}, {"static": keys}
    return "XK", {"scheme": "public-key"}, {"static": keys, "server_key": server_key}


def main(host, port, server_key, way, credential=""):
    client = Client(host, int(port), bytes.fromhex(server_key), way, credential)
    tell = lambda value: print(json.dumps(value))
    tell(client.server["name"])
    tell(client.call("whoami"))
    tell(client.call("add", 2, 3))
    tell(client.call("nobodyHasThis"))
    tell(client.stream("count", 5_000))
    tell(client.stream_in("sum", range(3_000)))
    tell(len(client.call("bytes", 50_000)))
    tell(client.call("measure", b"x" * 20_000))
    client.call("$events.watch", "news")
    client.say(9, "tellMe", {"by": "python"})
    tell(client.hear("event")[1]["data"])
    # A reserved call, a ping, and an end in order.
    tell(client.call("$ping"))
    client.say(10)
    tell(client.hear("pong")[0])
    client.say(14, None)


main(*sys.argv[1:])
