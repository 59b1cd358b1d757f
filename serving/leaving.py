"""How the web server stops: nobody new is let in, and whoever is inside is answered and shown out."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from socket import socket
from typing import Any

import uvicorn
from uvicorn.supervisors import multiprocess

LAST_CALLS = 0.5  # seconds
CLOSING = (b"connection", b"close")


class Leaving(uvicorn.Server):
    """Closes its door first, and takes leave a moment later; who asks between is told to ask elsewhere next time.

    uvicorn does both at once. A connection that was let in and not yet counted is then told nothing; while its reader
    keeps it, and readers do, the worker stays until `timeout_graceful_shutdown`.
    """

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSING]
        await asyncio.sleep(LAST_CALLS)
        await super().shutdown(sockets)


class Settled(Leaving):
    """What has been read to begin with stays, and is not gone through again while somebody waits for an answer.

    Otherwise the first full collection, in a worker's first seconds, keeps all its readers waiting for a quarter of a
    second. Only for a process that is a server and nothing else.
    """

    async def startup(self, sockets: list[socket] | None = None) -> None:
        gc.collect()
        gc.freeze()
        await super().startup(sockets)


class Worker(multiprocess.Process):
    @property
    def server(self) -> uvicorn.Server:
        self._server = self._server or Settled(self.config)
        return self._server


class Workers(multiprocess.Multiprocess):
    def terminate_all(self) -> None:
        """The door is theirs and ours: while we held it, who came late waited before it until the last worker ended."""
        for door in self.sockets:
            door.close()
        super().terminate_all()


def serve(app: str, workers: int, **how: Any) -> None:
    """`app`: the name of what makes it. Returns when the server was told to stop and has."""
    config = uvicorn.Config(app, factory=True, workers=workers, **how)
    with suppress(KeyboardInterrupt):
        if workers == 1:
            Settled(config).run()
            return
        multiprocess.Process = Worker  # type: ignore[misc]  # the supervisor names its workers' kind nowhere else
        Workers(config, sockets=[config.bind_socket()]).run()
