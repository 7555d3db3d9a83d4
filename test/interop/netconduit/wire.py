"""Frames of netconduit, written from the notes of its wire: a header of 32 bytes and msgpack."""

import asyncio
import hashlib
import struct
import time
import zlib

import msgpack

HEADER = struct.Struct(">4sHHHHIQQ")
MESSAGE, REQUEST, RESPONSE, ERROR, PING, PONG, AUTH, WELCOME, REFUSAL, PAUSE, RESUME = range(1, 12)
COMPRESSED = 1
ABSENT = object()


def frame(kind, value=ABSENT, correlation=0, compress=False):
    """One frame; compressed above 1,024 bytes when asked for and shorter."""
    payload = b"" if value is ABSENT else msgpack.packb(value, use_bin_type=True)
    flags = 0
    if compress and len(payload) > 1024:
        shorter = zlib.compress(payload, 6)
        if len(shorter) < len(payload):
            payload, flags = shorter, COMPRESSED
    now = int(time.time() * 1000)
    return HEADER.pack(b"CNDT", 0x100, kind, flags, 0, len(payload), correlation, now) + payload


def parse(data):
    """Kind, flags, correlation id and value of the first frame, and its length; or None."""
    if len(data) < HEADER.size:
        return None
    magic, version, kind, flags, _reserved, length, correlation, _time = HEADER.unpack_from(data)
    assert magic == b"CNDT" and version == 0x100 and 1 <= kind <= 16, data[:32].hex()
    if len(data) < HEADER.size + length:
        return None
    payload = bytes(data[HEADER.size : HEADER.size + length])
    if flags & COMPRESSED:
        payload = zlib.decompress(payload)
    value = msgpack.unpackb(payload, raw=False) if payload else ABSENT
    return (kind, flags, correlation, value), HEADER.size + length


class Frames:
    """The frames of one connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.data = reader, writer, bytearray()

    def send(self, *args, **kwargs):
        self.writer.write(frame(*args, **kwargs))

    async def next(self, seconds=10):
        """The next frame; None when the other side has closed."""
        while True:
            parsed = parse(self.data)
            if parsed:
                del self.data[: parsed[1]]
                return parsed[0]
            chunk = await asyncio.wait_for(self.reader.read(65536), seconds)
            if not chunk:
                return None
            self.data += chunk

    async def of(self, kind, seconds=10):
        """The next frame of a kind; PINGs are answered on the way."""
        while True:
            got = await self.next(seconds)
            if got is None or got[0] == kind:
                return got
            if got[0] == PING:
                self.send(PONG)


def login(password, name="python"):
    digest = hashlib.sha256(password.encode()).hexdigest()
    return frame(
        AUTH, {"password_hash": digest, "client_info": {"name": name, "version": "1.0.0"}}
    )
