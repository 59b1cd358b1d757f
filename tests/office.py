"""People and a way in for the tests of the office: uploads, runs, staff, audit."""

import atexit
import re
import shutil
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import drawn_lists
from drawn_lists import BY, MONDAY_MORNING, draw_home
from starlette.testclient import TestClient

from serving.app import create_app
from serving.database import Database
from serving.people import Person, Role, add_person, issue_token
from serving.settings import Settings

HERE = {"origin": "http://testserver"}
STAFF = (Person("supervisa", Role.SUPERVISOR), Person("audita", Role.AUDITOR))


@cache
def drawn(_where):
    """Drawn once for each place that homes are kept in; each test works on a copy of its own."""
    folder = Path(mkdtemp()) / "h"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    settings, tokens = draw_home(folder, students=30)
    database = Database.open(settings.database_url, settings.keys())
    for person in STAFF:
        add_person(database, person, BY)
        tokens[person.name] = issue_token(database, person.name, BY)
    database.engine.dispose()
    return settings, tokens


def office_home(folder):
    """A home with two published weeks and one person of every role; gives each person's token."""
    settings, tokens = drawn(drawn_lists.fresh_address)
    shutil.copytree(settings.home, folder)
    kept = drawn_lists.fresh_address(settings.database_url)
    return Settings(home=folder, environment="demo", database_url=kept), tokens


class Visitor:
    """Somebody at a browser without scripts: opens pages, and sends their forms with the seal that they carry."""

    def __init__(self, client, token):
        self.client = client
        client.post("/entrar", data={"ficha": token}, headers=HERE)

    def open(self, path):
        return self.client.get(path)

    def send(self, path, data=None, files=None):
        # Not a page of `path`: a form may be sent by whoever never saw its page.
        seal = re.search(r'name="sello" value="([^"]+)"', self.client.get("/cuenta").text)[1]
        return self.client.post(path, data={"sello": seal, **(data or {})}, files=files, headers=HERE)

    def wait(self, path, until='http-equiv="refresh"'):
        """Opens a page again and again, as it asks for itself, until its work is done."""
        for _ in range(600):
            answer = self.open(path)
            if until not in answer.text:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} is not done after a minute")


@contextmanager
def visiting(home, who):
    settings, tokens = home
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield Visitor(client, tokens[who])
    app.state.service.database.engine.dispose()
