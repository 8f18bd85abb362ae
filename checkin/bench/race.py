"""The race: many stations present one pass at the same instant, round after round."""

from __future__ import annotations

import selectors
from collections.abc import Sequence
from contextlib import ExitStack

from checkin.bench.load import Job, Result, SocketWire

PATIENCE_S = 30


def race(
    servers: Sequence[str], stations: Sequence[tuple[str, str]], texts: Sequence[str]
) -> list[int]:
    """Return how many green lights each of *texts* brought, shown by all *stations* at once.

    The stations are spread over the *servers*; a round begins when the last one is over.
    """
    with ExitStack() as stack:
        wires = []
        for number, (station, seed) in enumerate(stations):
            job = Job(servers[number % len(servers)], "ws", [], [])
            wire = SocketWire(job, station, seed, texts)
            stack.callback(wire.socket.close)
            wire.open()
            wires.append(wire)
        with selectors.DefaultSelector() as selector:
            for wire in wires:
                selector.register(wire.socket, selectors.EVENT_READ, wire)
            return [_round(selector, wires) for _ in texts]


def _round(selector: selectors.BaseSelector, wires: Sequence[SocketWire]) -> int:
    result = Result()
    for wire in wires:
        wire.send_next()
    answered = 0
    while answered < len(wires):
        ready = selector.select(PATIENCE_S)
        if not ready:
            raise TimeoutError(answered)
        answered += sum(key.data.hear(result) for key, _ in ready)
    return len(wires) - result.failures
