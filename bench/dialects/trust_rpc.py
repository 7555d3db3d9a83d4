"""A client of trusted sockets, as the original has it: asyncio streams, JSON behind a length."""

import asyncio
import hashlib
import json
import os
import uuid

from load import PORT, pipelined


async def main():
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)

    def send(payload):
        writer.write(len(payload).to_bytes(4, "big") + payload)

    async def receive():
        return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))

    send(hashlib.sha256(await receive() + os.environ["TRUST_ID"].encode()).digest())
    assert await receive() == b"OK"
    waiting = {}

    async def listen():
        while True:
            told = json.loads((await receive()).decode("utf-8"))
            future = waiting.pop(told["id"])
            if told["error"]:
                future.set_exception(RuntimeError(told["error"]))
            else:
                future.set_result(told["result"])

    async def add(*args):
        call_id = str(uuid.uuid4())
        params = {"args": args, "kwargs": {}}
        request = {"type": "rpc", "id": call_id, "method": "add", "params": params}
        future = waiting[call_id] = asyncio.get_running_loop().create_future()
        send(json.dumps(request).encode("utf-8"))
        await writer.drain()
        return await future

    listening = asyncio.create_task(listen())
    await pipelined(add)
    listening.cancel()


asyncio.run(main())
