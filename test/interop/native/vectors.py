"""Plays both sides of the recordings in test/vectors/native and compares every byte and meaning."""

import datetime
import json
import pathlib
import sys

from noise import Handshake, KeyPair
from wire import Records, begin, binding_of, prologue


def check(path):
    vector = json.loads(path.read_text())
    keys = {name: bytes.fromhex(value) for name, value in vector["keys"].items()}
    pair = lambda name: KeyPair(keys[name]) if name in keys else None
    pattern, server_static = vector["pattern"], pair("serverStaticSecret")
    frames = [bytes.fromhex(each["frame"]) for each in vector["greeting"]]
    known = server_static.public if pattern in ("NK", "XK") else None
    client, first = begin(
        pattern, vector["application"], known, pair("clientStaticSecret"), keys.get("psk"),
        pair("clientEphemeralSecret"), keys.get("hintNonce"),
    )
    assert first == frames[0], "the first frame differs"
    head = first[: 7 + first[6]]
    server = Handshake(
        pattern, False, prologue(vector["application"], head), server_static, None,
        keys.get("psk"), pair("serverEphemeralSecret"),
    )
    server.read(first[len(head) :])
    assert b"\x01" + server.write() == frames[1], "the second frame differs"
    client.read(frames[1][1:])
    if pattern in ("XK", "XX"):
        assert b"\x01" + client.write() == frames[2], "the third frame differs"
        server.read(frames[2][1:])
    assert binding_of(client).hex() == binding_of(server).hex() == vector["binding"]
    ends = {"client": Records(client), "server": Records(server)}
    other = {"client": "server", "server": "client"}
    for each, frame in list(zip(vector["greeting"], frames))[-2:]:
        assert ends[other[each["from"]]].hear(frame) == each["map"], "a map differs"
    count = 0
    for turn in vector["turns"]:
        receiver = ends[other[turn["from"]]]
        heard = [m for frame in turn["frames"] for m in receiver.decode(bytes.fromhex(frame))]
        assert [written(m) for m in heard] == [plain(m) for m in turn["messages"]], (
            [written(m) for m in heard], [plain(m) for m in turn["messages"]])
        count += len(heard)
    return count


def written(message):
    """A message as the vectors write it, in one flat form for comparison."""
    kind, fields = message
    if kind == "call":
        named = fields.get("named") or {}
        fields = {**fields, "named": named}
    return {"kind": kind, **{k: value(v) for k, v in fields.items() if v is not None and v is not False}}


def plain(message):
    flat = {k: v for k, v in message.items() if k not in ("args", "failure")}
    flat.update(message.get("args", {}))
    flat.update(message.get("failure", {}))
    return {k: v for k, v in flat.items() if v != {"$nothing": True}}


def value(given):
    if isinstance(given, bytes):
        if len(given) > 64 and len(set(given)) == 1:
            return {"$repeated": [given[0], len(given)]}
        return {"$bytes": given.hex()}
    if isinstance(given, datetime.datetime):
        return {"$date": round(given.timestamp() * 1000)}
    if isinstance(given, int) and abs(given) >= 2**53:
        return {"$bigint": str(given)}
    if isinstance(given, list):
        return [value(each) for each in given]
    if isinstance(given, dict) and set(given) == {"map"}:
        return {"$map": [value(list(each)) for each in given["map"]]}
    if isinstance(given, dict) and set(given) == {"set"}:
        return {"$set": value(given["set"])}
    if isinstance(given, dict):
        return {key: value(each) for key, each in given.items()}
    return given


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    print(path.name, check(path), "messages")
