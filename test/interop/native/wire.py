"""Preface, records and batches of docs/dialects/native.md, sections 3 to 9."""

import datetime
import hashlib
import os
import zlib

import msgpack

from noise import Handshake, KeyPair, hkdf, mac

NUMBERS = {"NK": 1, "XK": 2, "XX": 3, "NNpsk0": 4}
BATCH, ATTACHMENT, REKEY, GREETING, PADDED = 0, 1, 2, 3, 0x80

# The kinds of messages with the names of their fields.
KINDS = {
    0: ("call", "id", "procedure", "positional"),
    1: ("call", "id", "procedure", "positional", "named", "meta", "timeoutMs", "streaming"),
    2: ("result", "id", "value"),
    3: ("result", "id"),
    4: ("error", "id", "code", "message", "details"),
    5: ("cancel", "id"),
    6: ("item", "id", "value"),
    7: ("end", "id"),
    8: ("credit", "id", "items"),
    9: ("event", "name", "data"),
    10: ("ping",),
    11: ("pong",),
    12: ("pause",),
    13: ("resume",),
    14: ("goodbye", "reason"),
}
PACKED = 15


def preface(pattern, hint=b""):
    return b"SEAL" + bytes([1, NUMBERS[pattern], len(hint)]) + hint


def prologue(application, head):
    name = application.encode()
    return b"sealwire/native/1" + len(name).to_bytes(2, "big") + name + head


def make_hint(psk, nonce=None):
    nonce = nonce or os.urandom(16)
    return nonce + mac(psk, b"sealwire/psk-hint/v1" + nonce)[:8]


def key_pair_of_api_key(text):
    prefix, _, secret, _ = text.split("_")
    assert prefix == "sw" and len(secret) == 43
    return KeyPair(hkdf(secret.encode(), info=b"api-key/x25519/v1"))


def psk_of_secret(secret):
    return hkdf(secret, info=b"sealwire/psk/v1")


def binding_of(handshake):
    return hkdf(handshake.h, info=b"sealwire/binding/v1")


class Records:
    """Both directions of a connection after the handshake."""

    def __init__(self, handshake, padding=0):
        self.send, self.receive = handshake.split()
        self.padding = padding
        self.attached = []

    def seal(self, kind, content):
        if self.padding:
            added = self.padding - (len(content) + 4) % self.padding
            added = (added % self.padding) + 4
            content += b"\0" * (added - 4) + added.to_bytes(4, "big")
            kind |= PADDED
        return bytes([kind]) + self.send.seal(bytes([kind]), content)

    def open(self, frame):
        content = self.receive.open(frame[:1], frame[1:])
        if frame[0] & PADDED:
            content = content[: len(content) - int.from_bytes(content[-4:], "big")]
        return frame[0] & ~PADDED, content

    def say(self, greeting):
        return self.seal(GREETING, msgpack.packb(greeting))

    def hear(self, frame):
        kind, content = self.open(frame)
        assert kind == GREETING
        return msgpack.unpackb(content)

    def encode(self, *values):
        return self.seal(BATCH, msgpack.packb(list(values)))

    def decode(self, frame):
        """The messages of a frame, as tuples of kind and fields by name."""
        kind, content = self.open(frame)
        if kind == ATTACHMENT:
            self.attached.append(content)
            return []
        if kind == REKEY:
            assert content == b""
            self.receive.rekey()
            return []
        assert kind == BATCH
        values = self.unpack(content)
        if values[0] == PACKED:
            assert len(values) == 2
            values = self.unpack(zlib.decompressobj(-15).decompress(values[1]))
        self.attached = []
        return list(messages(values))

    def unpack(self, content):
        return msgpack.unpackb(content, ext_hook=self.extension, timestamp=3, strict_map_key=True)

    def extension(self, kind, payload):
        if kind == 1:
            magnitude = int.from_bytes(payload[1:], "big")
            return -magnitude if payload[0] else magnitude
        if kind in (2, 3):
            values = self.unpack(payload)
            return {"map": list(zip(values[::2], values[1::2]))} if kind == 2 else {"set": values}
        if kind == 7:
            return self.attached[int.from_bytes(payload, "big")]
        raise ValueError(f"extension {kind}")


def messages(values):
    at = 0
    while at < len(values):
        name, *fields = KINDS[values[at]]
        found = dict(zip(fields, values[at + 1 : at + 1 + len(fields)]))
        assert len(found) == len(fields)
        at += 1 + len(fields)
        yield name, found


def begin(pattern, application="", server_key=None, static=None, psk=None, ephemeral=None, nonce=None):
    """A client's handshake and its first frame."""
    head = preface(pattern, make_hint(psk, nonce) if psk else b"")
    handshake = Handshake(
        pattern, True, prologue(application, head), static, server_key, psk, ephemeral
    )
    return handshake, head + handshake.write()
