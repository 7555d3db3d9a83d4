"""A server for our client: server.py WAY, WAY one of ordered, shuffled, bytes, leaving, silent.

ordered: one request after the other, as the original does it. shuffled: gathers four requests and
answers them backwards. bytes: ordered, each byte written alone. leaving: closes at the third
request of its first connection. silent: closes without a word, as one without a secret does.
"""

import asyncio
import json
import sys

from wire import admit, framed, read_frame


def greet(name):
    if not isinstance(name, str):
        raise TypeError("Name must be a string")
    return f"Hello, {name}!"


async def long_running_task(seconds):
    await asyncio.sleep(seconds)
    return f"Task completed after {seconds} seconds."


def echo(*args, **kwargs):
    return {"args": args, "kwargs": kwargs}


def divide(a, b):
    return a / b


FUNCTIONS = {f.__name__: f for f in (greet, long_running_task, echo, divide)}


async def answer(payload):
    asked = json.loads(payload)
    try:
        if asked["method"] not in FUNCTIONS:
            raise NameError(f"Method '{asked['method']}' not found.")
        params = asked["params"]
        result = FUNCTIONS[asked["method"]](*params["args"], **params["kwargs"])
        if asyncio.iscoroutine(result):
            result = await result
        told = {"id": asked["id"], "result": result, "error": None}
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
        told = {"id": asked["id"], "result": None, "error": error}
    return framed(json.dumps(told).encode())


async def in_order(reader, writer):
    while True:
        writer.write(await answer(await read_frame(reader)))


async def backwards(reader, writer):
    while True:
        asked = [await read_frame(reader) for _ in range(4)]
        answers = [await answer(each) for each in asked]
        writer.write(b"".join(reversed(answers)))


async def byte_by_byte(reader, writer):
    while True:
        for byte in await answer(await read_frame(reader)):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)


async def at_the_third(reader, writer):
    global left
    if left:
        await in_order(reader, writer)
    left = True
    for _ in range(2):
        writer.write(await answer(await read_frame(reader)))
    await read_frame(reader)


left = False
WAYS = {"ordered": in_order, "shuffled": backwards, "bytes": byte_by_byte, "leaving": at_the_third}


async def serve(way):
    async def welcome(reader, writer):
        try:
            if way != "silent" and await admit(reader, writer):
                await WAYS[way](reader, writer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(welcome, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"SERVING_ON::{host}::{port}", flush=True)
    await server.serve_forever()


asyncio.run(serve(sys.argv[1]))
