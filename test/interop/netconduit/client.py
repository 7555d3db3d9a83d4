"""A client of netconduit; plays one scenario and prints what it saw, a line of JSON each."""

import asyncio
import json
import sys

from wire import AUTH, MESSAGE, PING, PONG, REQUEST, RESPONSE, WELCOME, Frames, frame, login

HOST, PORT, SCENARIO, PASSWORD = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def say(value):
    print(json.dumps(value, default=lambda each: each.hex()), flush=True)


async def connected():
    """As the original does it: one write, then one read that must bring the whole answer."""
    frames = Frames(*await asyncio.open_connection(HOST, PORT))
    frames.writer.write(login(PASSWORD))
    frames.data += await frames.reader.read(65536)
    answer = await frames.next()
    assert not frames.data, "something came in the same read as the answer, and would be lost"
    return frames, answer


async def call(frames, correlation, method, params):
    frames.send(REQUEST, {"method": method, "params": params}, correlation)
    _, _, answered, payload = await frames.of(RESPONSE)
    assert answered == correlation, (answered, correlation)
    assert payload["success"] is True, payload
    return payload["result"]


async def calls():
    frames, (_, _, _, welcome) = await connected()
    say([sorted(welcome), len(welcome["session_token"]), welcome["server_info"]["name"]])
    asked = [
        ("add", {"a": 2, "b": 3}),
        ("greet", {"name": "Zoë 日本 😀"}),
        ("echo", {"value": [1, 2.5, b"\x00\xff", None, {"k": {}}, 2**63, -(2**63)]}),
        ("add", {"a": "x"}),
        ("add", {"a": 1, "b": 2, "c": 3}),
        ("calculate", {"operation": "divide", "a": 1, "b": 0}),
        ("users.list", {"page": 2, "page_size": 2}),
        ("nobody", {}),
    ]
    for correlation, (method, params) in enumerate(asked, 2**64 - len(asked)):
        say(await call(frames, correlation, method, params))
    listing = await call(frames, 1, "listall", {})
    say(next(each for each in listing["data"]["methods"] if each["name"] == "add"))


async def many():
    frames, _ = await connected()
    for n in range(64):
        frames.send(REQUEST, {"method": "echo", "params": {"value": n}}, n)
    got = {}
    while len(got) < 64:
        _, _, correlation, payload = await frames.of(RESPONSE)
        got[correlation] = payload["result"]["data"]
    say(got == {n: n for n in range(64)})


async def messages():
    one, _ = await connected()
    other, _ = await connected()
    for n in range(3):
        one.send(MESSAGE, {"type": "ping", "data": {"n": n}})
    for _ in range(3):
        say((await one.of(MESSAGE))[3])
    one.send(MESSAGE, {"type": "chat", "data": {"from": "one", "text": "hi"}})
    say((await one.of(MESSAGE))[3])
    say((await other.of(MESSAGE))[3])


async def pieces():
    frames = Frames(*await asyncio.open_connection(HOST, PORT))
    whole = login(PASSWORD) + b"".join(
        frame(REQUEST, {"method": "echo", "params": {"value": n}}, n) for n in range(3)
    )
    for at in range(0, len(whole), 7):
        frames.writer.write(whole[at : at + 7])
        await asyncio.sleep(0.001)
    say((await frames.next())[0] == WELCOME)
    for _ in range(3):
        say((await frames.of(RESPONSE))[3]["result"]["data"])


async def compression():
    frames, _ = await connected()
    text = "A" * 5000
    request = {"method": "echo", "params": {"value": text}}
    frames.send(REQUEST, request, 1, compress=True)
    _, flags, _, payload = await frames.of(RESPONSE)
    say([flags, payload["result"]["data"] == text])


async def heartbeats():
    frames, _ = await connected()
    frames.send(PING)
    say((await frames.next())[0] == PONG)
    got = await frames.of(PING)
    frames.send(PONG)
    again = await frames.of(PING)
    frames.send(PONG)
    say([got[0], again[0]])
    silent, _ = await connected()
    kinds = []
    while (got := await silent.next()) is not None:
        kinds.append(got[0])
    say(["closed", kinds[0] == PING])


async def called():
    """The original reads the requests of its server, and says nothing to them."""
    frames, _ = await connected()
    frames.send(MESSAGE, {"type": "call me", "data": None})
    while (got := await frames.next())[0] != MESSAGE:
        say([got[0], got[2] >= 2**63, got[3]])
    say(got[3])
    say(await call(frames, 1, "echo", {"value": "still here"}))


async def refused():
    frames, (kind, _, _, payload) = await connected()
    say([kind, payload, await frames.next()])


asyncio.run(globals()[SCENARIO]())
