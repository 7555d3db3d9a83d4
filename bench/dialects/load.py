"""What all Python clients do alike: warm up, say go, count, tell."""

import asyncio
import json
import sys
import time

PORT, SECRET, SECONDS, IN_FLIGHT = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
# The other end may be one that compiles what it does often.
WARM_SECONDS = 2


def tell(calls, began, cpu):
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"calls": calls, "seconds": seconds, "cpuUs": used * 1e6}), flush=True)


def go():
    print("go", flush=True)
    return time.perf_counter(), time.process_time()


def sequential(add):
    """One call after the other."""
    count(add, WARM_SECONDS)
    began, cpu = go()
    tell(count(add, SECONDS), began, cpu)


def count(add, seconds):
    end, n = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        assert add(n, 1) == n + 1
        n += 1
    return n


async def pipelined(add):
    """So many callers on one connection, each waiting for its answer."""
    await keep_open(add, WARM_SECONDS)
    began, cpu = go()
    tell(await keep_open(add, SECONDS), began, cpu)


async def keep_open(add, seconds):
    end = time.perf_counter() + seconds

    async def caller(n):
        calls = 0
        while time.perf_counter() < end:
            assert await add(n, 1) == n + 1
            calls += 1
        return calls

    return sum(await asyncio.gather(*(caller(n) for n in range(IN_FLIGHT))))
