#!/usr/bin/env python3
"""How a running service stands slow, many and hostile clients; prints one JSON object with what was measured.

    ulimit -n 65536
    gongbao serve --bind 127.0.0.1:8080 &
    python3 tests/hostile.py 127.0.0.1:8080 --pid $!

Phases: 50 searches a second alone; the same beside slow clients (headers, bodies, readers) of another process; many idle connections from
several addresses of this machine; ten times as many callers as are worked on at once; queries that are meant to hurt. Only the standard library.
Exit 1 when a search beside slow clients failed, a hostile query was answered with a fault, or the service did not recover.
"""

import argparse
import asyncio
import json
import multiprocessing
import pathlib
import sys
import time
import urllib.parse

KINDS = ("headers", "bodies", "readers")
SEARCH = "/api/v1/search?limit=5&q=" + urllib.parse.quote('"行政复议"')


async def ask(address, target, opened=None):
    """Status and seconds of a request on a connection of its own; status 0 when the connection is closed on us."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(30):
            reader, writer = opened or await asyncio.open_connection(*address)
            writer.write(f"GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
    except (OSError, TimeoutError):
        status = 0
    return status, time.monotonic() - began


async def steady(address, seconds, rate=50):
    """So many searches a second, whatever becomes of the ones before."""
    tasks = []
    for _ in range(int(seconds * rate)):
        tasks.append(asyncio.create_task(ask(address, SEARCH)))
        await asyncio.sleep(1 / rate)
    return await asyncio.gather(*tasks)


def told(answers):
    """Counts by status, and milliseconds."""
    times = sorted(1000 * took for _, took in answers)
    statuses = {}
    for status, _ in answers:
        statuses[str(status)] = statuses.get(str(status), 0) + 1
    at = lambda part: round(times[min(len(times) - 1, int(part * len(times)))], 1)
    return {"statuses": statuses, "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": round(times[-1], 1)}


async def slow(address, kind, wait):
    """Seconds until the service cuts a client that is slow in one way, at most 60."""
    await asyncio.sleep(wait)
    began = time.monotonic()
    try:
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection(*address, limit=1 << 12)
            if kind == "headers":
                writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
            elif kind == "bodies":
                writer.write(b"POST /api/v1/panel HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{")
            else:
                # Takes nothing of answers that are more than the buffers hold.
                writer.write(b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 60)
                writer.transport.pause_reading()
            while True:
                await asyncio.sleep(1)
                # One more byte, which is refused when the service has cut us; an empty line before a request says nothing.
                writer.write({"headers": b"a", "bodies": b" ", "readers": b"\r\n"}[kind])
                await writer.drain()
                if writer.transport.is_closing() or reader.at_eof() or time.monotonic() - began > 59:
                    break
    except (OSError, TimeoutError):
        pass
    return time.monotonic() - began


def all_slow(address, number, results):
    """So many slow clients of each kind, in a process of their own, so that those who measure do not wait for them."""
    async def run():
        # Not all at once, or they would all wake at the same moment of each second.
        each = [slow(address, kind, nth / number) for kind in KINDS for nth in range(number)]
        return await asyncio.gather(*each)

    took = asyncio.run(run())
    results.put({kind: sorted(took[at * number : (at + 1) * number]) for at, kind in enumerate(KINDS)})


async def idle(address, number, seconds):
    """Holds connections from several addresses; how many the service kept open."""
    held = []
    for at in range(number):
        try:
            _, writer = connection = await asyncio.open_connection(*address, local_addr=(f"127.0.0.{2 + at % 8}", 0))
            held.append(connection)
        except OSError:
            continue
    kept = sum(not reader.at_eof() for reader, _ in held)
    await asyncio.sleep(seconds)
    for _, writer in held:
        writer.close()
    return {"connected": len(held), "kept_at_first": kept}


def memory(pid):
    """Resident memory in MiB."""
    if pid is None:
        return None
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


HOSTILE = {
    "1 MB": "a" * (1 << 20),
    "3,000 clauses": " OR ".join("a" for _ in range(3_000)),
    "1e4 parentheses": "(" * 10_000,
    "NOT chain": "NOT " * 5_000 + "a",
    "*a*": "*a*",
    "a?b*c": "a?b*c",
    "long token": "a" * 30_000,
    "NUL": "a\0b",
    "right to left": "\u202eabc",
}


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="host:port of a service on this machine")
    parser.add_argument("--pid", type=int, help="of the service, for its memory")
    parser.add_argument("--slow", type=int, default=1_000, help="slow clients of each kind")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections")
    options = parser.parse_args()
    host, port = options.address.rsplit(":", 1)
    address = (host, int(port))
    result = {"memory_before_mib": memory(options.pid)}
    result["alone"] = told(await steady(address, 5))

    if options.slow:
        results = multiprocessing.Queue()
        clients = multiprocessing.Process(target=all_slow, args=(address, options.slow, results))
        clients.start()
        await asyncio.sleep(4)
        result["beside_slow"] = told(await steady(address, 5))
        cut = await asyncio.to_thread(results.get)
        result["slow_cut_after_s"] = {
            kind: {"first": round(all_[0], 1), "median": round(all_[len(all_) // 2], 1), "last": round(all_[-1], 1)} for kind, all_ in cut.items()
        }
        clients.join()
    result["memory_after_slow_mib"] = memory(options.pid)

    holding = asyncio.create_task(idle(address, options.idle, 5))
    await asyncio.sleep(4)
    result["memory_with_idle_mib"] = memory(options.pid)
    result["idle"] = await holding
    began = time.monotonic()
    while (await ask(address, SEARCH))[0] != 200 and time.monotonic() - began < 30:
        await asyncio.sleep(0.1)
    result["recovered_after_idle_s"] = round(time.monotonic() - began, 2)

    # Whoever has a connection asks at the same moment; to open so many takes this client longer than the answers take.
    opened = [await asyncio.open_connection(*address) for _ in range(10 * (64 + 128))]
    crowd = await asyncio.gather(*(ask(address, SEARCH, one) for one in opened))
    result["crowd"] = told(crowd)
    result["crowd_refused"] = told([one for one in crowd if one[0] != 200] or [(200, 0.0)])
    result["after_crowd"] = told(await steady(address, 2))

    hostile = {name: await ask(address, "/api/v1/search?q=" + urllib.parse.quote(q)) for name, q in HOSTILE.items()}
    hostile["bad escapes"] = await ask(address, "/api/v1/search?q=%zz%e4%b8")
    hostile["surrogate"] = await ask(address, "/api/v1/search?q=%ed%a0%80")
    result["hostile"] = {name: {"status": status, "ms": round(1000 * took, 1)} for name, (status, took) in hostile.items()}
    result["memory_at_end_mib"] = memory(options.pid)
    print(json.dumps(result, indent=1))
    is_wrong = (
        set(result.get("beside_slow", result["alone"])["statuses"]) != {"200"}
        or any(one["status"] in (0, 500) for one in result["hostile"].values())
        or set(result["after_crowd"]["statuses"]) != {"200"}
    )
    sys.exit(is_wrong)


asyncio.run(main())
