#!/usr/bin/env python3
"""Whether the time of an answer tells how much of a key was right; prints one JSON object with what was measured.

    gongbao serve --bind 127.0.0.1:8080 &
    python3 tests/timing.py 127.0.0.1:8080 "$(gongbao keys create --scope read)"

Two kinds of wrong keys are sent in random order: those that begin as the right one does and differ in the last four digits, and
those that are random from the beginning. Welch's t of their times has to stay below 4.5, over all samples and without the slowest
ones, which are the machine's. Only the standard library. Exit 1 when it does not.
"""

import argparse
import json
import math
import random
import secrets
import socket
import statistics
import sys
import time

LIMIT = 4.5
TAIL = 4


def wrong_keys(right, number):
    """Requests in random order, each with whether its key begins as the right one does."""
    prefix = right[: right.index("_") + 1]
    digits = len(right) - len(prefix)
    made = []
    for at in range(number):
        is_near = at % 2 == 0
        if is_near:
            key = right[:-TAIL] + secrets.token_hex(TAIL // 2)
        else:
            key = prefix + secrets.token_hex(digits // 2)
        if key != right:
            made.append((is_near, key))
    random.SystemRandom().shuffle(made)
    return made


def ask(stream, request):
    """Nanoseconds from the first byte sent to the last one received."""
    began = time.perf_counter_ns()
    stream.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += stream.recv(65536)
    head, body = answer.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += stream.recv(65536)
    took = time.perf_counter_ns() - began
    if not head.startswith(b"HTTP/1.1 401 "):
        sys.exit(f"a wrong key was answered with {head.splitlines()[0].decode()}")
    return took


def welch(near, far):
    """Welch's t of two samples."""
    spread = statistics.variance(near) / len(near) + statistics.variance(far) / len(far)
    return (statistics.fmean(near) - statistics.fmean(far)) / math.sqrt(spread)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="host:port of a service on this machine")
    parser.add_argument("key", help="a key that it knows")
    parser.add_argument("--samples", type=int, default=100_000)
    options = parser.parse_args()
    host, port = options.address.rsplit(":", 1)
    stream = socket.create_connection((host, int(port)))
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request = "GET /api/v1/limits HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n"
    times = {True: [], False: []}
    for at, (is_near, key) in enumerate(wrong_keys(options.key, options.samples + 1_000)):
        took = ask(stream, request.format(key).encode())
        # The first ones warm the service up.
        if at >= 1_000:
            times[is_near].append(took)
    slowest = sorted(times[True] + times[False])
    result = {"samples": len(slowest), "median_us": round(statistics.median(slowest) / 1000, 1), "t": {}}
    for part in (1.0, 0.99, 0.95, 0.9):
        most = slowest[min(len(slowest) - 1, int(part * len(slowest)))]
        near, far = ([took for took in times[kind] if took <= most] for kind in (True, False))
        result["t"][f"{part:.0%}"] = round(welch(near, far), 2)
    print(json.dumps(result))
    sys.exit(any(abs(t) >= LIMIT for t in result["t"].values()))


main()
