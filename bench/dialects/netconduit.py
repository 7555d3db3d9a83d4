"""A client of netconduit, as the original has it: asyncio, msgpack behind headers of 32 bytes."""

import asyncio
import hashlib
import itertools
import struct
import time

import msgpack
from load import PORT, SECRET, pipelined

HEADER = struct.Struct(">4sHHHHIQQ")
REQUEST, RESPONSE, PING, PONG, AUTH, WELCOME = 2, 3, 5, 6, 7, 8


async def main():
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)

    def send(kind, value=None, correlation=0):
        payload = b"" if value is None else msgpack.packb(value, use_bin_type=True)
        now = int(time.time() * 1000)
        header = HEADER.pack(b"CNDT", 0x100, kind, 0, 0, len(payload), correlation, now)
        writer.write(header + payload)

    async def receive():
        header = HEADER.unpack(await reader.readexactly(HEADER.size))
        payload = await reader.readexactly(header[5])
        return header[2], header[6], payload

    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    client = {"name": "bench", "version": "1"}
    send(AUTH, {"password_hash": digest, "client_info": client})
    assert (await receive())[0] == WELCOME

    waiting, ids = {}, itertools.count(1)

    async def listen():
        while True:
            kind, correlation, payload = await receive()
            if kind == PING:
                send(PONG)
            if kind == RESPONSE:
                waiting.pop(correlation).set_result(msgpack.unpackb(payload, raw=False))

    async def add(a, b):
        correlation = next(ids)
        future = waiting[correlation] = asyncio.get_running_loop().create_future()
        send(REQUEST, {"method": "add", "params": {"a": a, "b": b}}, correlation)
        await writer.drain()
        told = (await asyncio.wait_for(future, 30))["result"]
        if not told["success"]:
            raise RuntimeError(told["error"])
        return told["data"]

    listening = asyncio.create_task(listen())
    await pipelined(add)
    listening.cancel()


asyncio.run(main())
