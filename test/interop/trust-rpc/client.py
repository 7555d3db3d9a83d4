"""Runs one scenario against a server: client.py HOST PORT SCENARIO. Prints JSON, a value a line."""

import asyncio
import json
import sys
import time
import uuid

from wire import enter, framed, read_frame, request


def tell(value):
    print(json.dumps(value), flush=True)


class Client:
    """As programs use it: many calls at once, answers found by their ids."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.waiting = reader, writer, {}
        self.listening = asyncio.create_task(self.listen())

    async def listen(self):
        while True:
            answer = json.loads(await read_frame(self.reader))
            self.waiting.pop(answer["id"]).set_result(answer)

    async def call(self, method, *args, **kwargs):
        call_id = str(uuid.uuid4())
        future = self.waiting[call_id] = asyncio.get_running_loop().create_future()
        self.writer.write(request(call_id, method, *args, **kwargs))
        answer = await future
        return answer["error"] or answer["result"]


async def calls(host, port):
    client = Client(*await enter(host, port))
    tell(await client.call("greet", "Zoë 日本 😀"))
    tell(await client.call("greet", name="Ann"))
    tell(await client.call("greet", 123))
    tell(await client.call("greet"))
    tell(await client.call("greet", "a", "b"))
    tell(await client.call("nobody"))
    tell(await client.call("echo", 2**70, 0.5, None, [True], k={"deep": [1]}))
    tell(await client.call("long_running_task", 0.05))


async def many(host, port):
    """64 calls at once on one connection, on each of 8 connections at once."""

    async def one(which):
        client = Client(*await enter(host, port))
        names = [f"{which}-{n}" for n in range(64)]
        answers = await asyncio.gather(*(client.call("greet", name) for name in names))
        return answers == [f"Hello, {name}!" for name in names]

    tell(await asyncio.gather(*(one(which) for which in range(8))))


async def order(host, port):
    """A slow request and two quick ones behind it: the ids as their answers come."""
    reader, writer = await enter(host, port)
    slow, quick = request(1, "long_running_task", 0.2), request(2, "greet", "x")
    writer.write(slow + quick + request(3, "greet", "y"))
    tell([json.loads(await read_frame(reader))["id"] for _ in range(3)])


async def apart(host, port):
    """Slow calls of different connections run side by side: how many seconds four take."""

    async def one():
        client = Client(*await enter(host, port))
        await client.call("long_running_task", 0.4)

    begun = time.monotonic()
    await asyncio.gather(*(one() for _ in range(4)))
    tell(time.monotonic() - begun < 1.0)


async def pieces(host, port):
    """The first request in one piece with the digest, the next byte by byte."""
    reader, writer = await enter(host, port, request("p1", "greet", "Piece"))
    tell(json.loads(await read_frame(reader)))
    for byte in request("p2", "greet", "Bytes"):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    tell(json.loads(await read_frame(reader)))


async def half_close(host, port):
    """Requests, then the end of our side: slow and quick ones are still answered, then it ends."""
    reader, writer = await enter(host, port)
    writer.write(request(1, "greet", "first") + request(2, "long_running_task", 0.2))
    writer.write(request(3, "greet", "last"))
    writer.write_eof()
    for _ in range(3):
        tell(json.loads(await read_frame(reader))["result"])
    tell(await reader.read() == b"")


async def half_close_at_once(host, port):
    """The same with nothing slow: the end comes in one segment with the request."""
    reader, writer = await enter(host, port)
    writer.write(request(1, "greet", "quick"))
    writer.write_eof()
    tell(json.loads(await read_frame(reader))["result"])
    tell(await reader.read() == b"")


async def half_close_unread(host, port):
    """Requests whose answers wait to be read when our side ends: none is lost."""
    reader, writer = await enter(host, port)
    for n in range(200):
        writer.write(request(n, "greet", "x" * 50_000))
    await writer.drain()
    writer.write_eof()
    await asyncio.sleep(0.3)
    answers = [json.loads(await read_frame(reader))["id"] for _ in range(200)]
    tell(answers == list(range(200)))


async def odd(host, port):
    """What is no request is answered, and the connection lives on."""
    reader, writer = await enter(host, port)
    for payload in (b"hello", b"\xff", b"[1]", b"", b'{"id": {"x": [1]}}'):
        writer.write(framed(payload))
        tell((await read_frame(reader)).decode())


async def lines(host, port):
    reader, writer = await enter(host, port)
    for line in ("hello", "123", "日本"):
        writer.write(framed(line.encode()))
        tell((await read_frame(reader)).decode())


async def refused(host, port):
    try:
        await enter(host, port)
    except PermissionError as verdict:
        tell(str(verdict))


asyncio.run(globals()[sys.argv[3]](sys.argv[1], int(sys.argv[2])))
