"""How the web server stops: nobody new is let in, and whoever is inside is answered and shown out."""

import http.client
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn

from serving.leaving import Leaving

HOUSE = Path(__file__).parents[1]
PATIENCE = 60  # seconds that a stop may last; one that is held up takes them all


class Clerk:
    """Answers a request when it is let go, and nobody else meanwhile: the whole server stands still."""

    def __init__(self):
        self.busy, self.free = threading.Event(), threading.Event()

    async def __call__(self, scope, receive, send):
        self.busy.set()
        self.free.wait(PATIENCE)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def serving(app):
    """A server in a thread of this process, and where it answers."""
    told = {"log_level": "critical", "lifespan": "off", "timeout_graceful_shutdown": PATIENCE}
    server = Leaving(uvicorn.Config(app, port=0, **told))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server, thread, server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


def asked(address):
    caller = http.client.HTTPConnection(*address, timeout=PATIENCE)
    caller.request("GET", "/")
    return caller


def test_a_connection_let_in_at_the_moment_of_the_stop_does_not_hold_it_up():
    clerk = Clerk()
    with serving(clerk) as (server, thread, address), closing(asked(address)) as first:
        assert clerk.busy.wait(PATIENCE)
        with socket.create_connection(address), socket.create_connection(address):  # who open a page ahead of time
            server.should_exit = True
            time.sleep(0.3)  # so that the server finds both and its end at one look
            clerk.free.set()
            thread.join(PATIENCE / 4)

            assert first.getresponse().read() == b"ok"
            assert not thread.is_alive()


def test_who_is_answered_while_it_stops_is_told_not_to_ask_here_again():
    clerk = Clerk()
    with serving(clerk) as (server, thread, address), closing(asked(address)) as first:
        assert clerk.busy.wait(PATIENCE)
        with closing(asked(address)) as second:
            server.should_exit = True
            time.sleep(0.3)
            clerk.free.set()

            assert first.getresponse().getheader("connection") is None
            assert second.getresponse().getheader("connection") == "close"
            thread.join(PATIENCE / 4)
            assert not thread.is_alive(), "though both still hold their connections"


READ_BEFORE = """
import gc, threading, time, uvicorn
from serving.leaving import Settled
server = Settled(uvicorn.Config("serving.leaving:serve", port=0, lifespan="off", log_level="critical"))
thread = threading.Thread(target=server.run)
thread.start()
while not server.started:
    time.sleep(0.01)
print(gc.get_freeze_count())
server.should_exit = True
thread.join()
"""


def test_what_a_server_has_read_before_it_lets_anybody_in_is_not_gone_through_again():
    told = subprocess.run([sys.executable, "-c", READ_BEFORE], capture_output=True, text=True, check=True, cwd=HOUSE)

    assert int(told.stdout) > 10_000
