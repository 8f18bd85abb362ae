"""The production server: pages, open lines, the letters' worker, and a clean end.

Gunicorn keeps one worker process with many threads. Everything that writes lives in that
process: the one writer, the postman, the side door. If it dies, the parent starts another.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from checkin.app import create_app
from checkin.control import Listener
from checkin.mailroom import hire_postman
from checkin.opening import House, prepare
from checkin.web import desks as door_desks
from invitations.storage.database import Database
from invitations.web import desks as office_desks

if TYPE_CHECKING:
    from flask import Flask

    from checkin.config import Config
    from checkin.control import Answer, Order

OPEN_LINES_S = 2  # how long a stopping worker waits for lines that will never end by themselves
CLEAN_UP_S = 30
BACKLOG = 1_024
ARENA_MAX = -8  # mallopt(3)
BURST = 20_000  # objects made between two looks for garbage: those of some 30 guests
RunOrder = Callable[["Order", "Config", "Database"], "Answer"]


@dataclass(frozen=True)
class Service:
    """How to serve: *run* does commands from the side door, *ready* hears our address."""

    config: Config
    run: RunOrder
    ready: Callable[[str, House], None]


def serve(service: Service) -> None:
    """Serve until somebody says stop (SIGTERM, SIGINT); every queued write is finished first.

    Raises:
        WriterBusyError: another process is the writer of this database.
        StorageError: the database cannot be opened.
        OSError: the address is taken or not ours.
    """
    config = service.config
    database = Database(config.database)
    try:
        house = prepare(config, database)
    finally:
        database.close()
    listener = listening(config)
    host, port = listener.getsockname()[:2]
    here = Service(config.at(host, port), service.run, service.ready)
    _open_many_files()
    _keep_one_heap()
    gc.freeze()  # what is loaded stays shared between parent and worker: a quarter less memory
    _Gunicorn(here, house, listener.detach()).run()


def listening(config: Config) -> socket.socket:
    """Return a socket that listens where *config* says; port 0 is any free port.

    Raises:
        OSError: the address is taken or not ours.
    """
    host, port = config.server.host, config.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # Accepted lines inherit it; otherwise head and body of an answer wait 40 ms for each other.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _open_many_files() -> None:
    """Let every board and station have its socket; the usual soft limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _keep_one_heap() -> None:
    """Keep glibc from giving each thread a heap of its own; only one runs at a time anyway."""
    with suppress(AttributeError, OSError):  # another C library has no such switch
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


class Works:
    """Everything that runs in the worker process beside the pages."""

    def __init__(self, service: Service) -> None:
        config = service.config
        self.database = Database(config.database)
        self.database.start()
        self.app: Flask = create_app(config, self.database)
        self.app.extensions[door_desks.EXTENSION].pairing.renew()
        self._postman = hire_postman(
            config, self.database, self.app.extensions[office_desks.EXTENSION]
        )
        self._control = Listener(
            config.data, lambda order: service.run(order, config, self.database)
        )

    def start(self) -> None:
        """Open the side door, and begin to send letters."""
        self._postman.start()
        self._control.start()

    def stop(self) -> None:
        """Stop taking orders and sending letters, then finish every queued write."""
        self._control.stop()
        self._postman.stop()
        self.database.close()


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, service: Service, house: House, listener: int) -> None:
        self._service = service
        self._house = house
        self._listener = listener
        self._works: Works | None = None
        super().__init__()

    def load_config(self) -> None:
        server = self._service.config.server
        settings: dict[str, Any] = {
            "bind": f"fd://{self._listener}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": server.threads,
            "worker_connections": max(2_000, 4 * server.threads),
            "graceful_timeout": CLEAN_UP_S,
            "timeout": 60,
            "keepalive": 20,
            "backlog": BACKLOG,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "thumoi",
            "when_ready": _end_gently,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        self._works = Works(self._service)
        return self._works.app

    def _begin(self, worker: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        worker.cfg.set("graceful_timeout", OPEN_LINES_S)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent passes on what is meant
        if self._works is not None:
            self._works.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(BURST, 10, 10)
        if worker.age == 1:
            self._service.ready(self._service.config.base_url, self._house)

    def _end(self, _arbiter: object, _worker: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        if self._works is None:
            return
        self._works.stop()
        # Threads that wait on open lines would hold the process; all that matters is written.
        os._exit(0)


def _end_gently(_arbiter: object) -> None:
    """Let Ctrl-C mean what SIGTERM means."""
    signal.signal(signal.SIGINT, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
