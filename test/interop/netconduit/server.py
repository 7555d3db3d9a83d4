"""A server of netconduit that is as strict as the original: logins in one read, one request after
the other, PONGs counted. Prints its port, then a line of JSON for each login and each message."""

import asyncio
import hashlib
import json
import sys
import time

from wire import (
    AUTH, ERROR, MESSAGE, PING, PONG, REFUSAL, REQUEST, RESPONSE, RESUME, WELCOME, Frames, frame, parse,
)

PASSWORD, INTERVAL, TIMEOUT = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
COMPRESS = sys.argv[4:] == ["compress"]
CONNECTIONS = set()


def say(value):
    print(json.dumps(value, default=lambda each: each.hex()), flush=True)


async def serve(reader, writer):
    frames = Frames(reader, writer)
    # The original takes one read for the whole login and closes without a word otherwise.
    request = parse(await asyncio.wait_for(reader.read(65536), 10))
    if not request or request[0][0] != AUTH:
        return writer.close()
    payload = request[0][3]
    if payload["password_hash"] != hashlib.sha256(PASSWORD.encode()).hexdigest():
        frames.send(REFUSAL, {"reason": "Invalid password"})
        return writer.close()
    say({"login": payload["client_info"]["name"], "bytes": request[1]})
    frames.send(WELCOME, {"session_token": "ab" * 64, "server_info": {"name": "py", "version": "1"}})
    CONNECTIONS.add(frames)
    beating = asyncio.create_task(beat(frames))
    try:
        await handle_all(frames)
    finally:
        beating.cancel()
        CONNECTIONS.discard(frames)
        writer.close()


async def beat(frames):
    frames.pong_at = time.monotonic()
    while True:
        await asyncio.sleep(INTERVAL)
        if time.monotonic() - frames.pong_at > TIMEOUT:
            say("killed")
            return frames.writer.close()
        frames.send(PING)


async def handle_all(frames):
    while (got := await frames.next(60)) is not None:
        kind, _, correlation, payload = got
        if kind == PING:
            frames.send(PONG)
        elif kind == PONG:
            frames.pong_at = time.monotonic()
        elif kind == MESSAGE:
            await message(frames, payload)
        elif kind == REQUEST:
            result = await answer(frames, payload["method"], payload["params"])
            frames.send(RESPONSE, {"success": True, "result": result}, correlation, compress=COMPRESS)


async def message(frames, payload):
    say(payload)
    if payload["type"] == "ping":
        frames.send(MESSAGE, {"type": "ping_response", "data": {"pong": True, "data": payload["data"]}})
    if payload["type"] == "shout":
        frames.send(RESUME)
        for each in CONNECTIONS:
            each.send(MESSAGE, {"type": "shout", "data": payload["data"]})


async def answer(frames, method, params):
    if method == "echo":
        return {"success": True, "data": params["value"] if isinstance(params, dict) else params}
    if method == "add":
        return {"success": True, "data": params["a"] + params["b"]}
    if method == "slow":
        await asyncio.sleep(params["seconds"])
        return {"success": True, "data": params["seconds"]}
    if method == "fail":
        return {"success": False, "error": "Error in fail: it broke", "code": 1001}
    if method == "drop":
        frames.writer.transport.abort()
    if method == "listall":
        listed = {"name": "add", "description": "", "parameters": {"a": "int", "b": "int"}}
        listed |= {"return_type": "int", "requires_auth": True}
        return {"success": True, "data": {"methods": [listed], "count": 1}}
    return {"success": False, "error": f"RPC method not found: {method}", "code": 4000}


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
