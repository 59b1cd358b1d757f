"""Settings for every test: properties have no deadline, since the machine that runs them may be busy."""

import os
from collections.abc import Iterator

import drawn_lists
import pytest
from canaries import every_log  # noqa: F401
from canary_watch import everything_told  # noqa: F401
from hypothesis import settings
from postgres_server import database, database_url, each_database, embedded, postgres  # noqa: F401
from sqlalchemy import make_url

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def homes_on_a_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """`PERMANENCIA_TEST_SERVER=1 pytest tests/test_pages.py …`: every drawn home keeps its lists in PostgreSQL."""
    if not os.environ.pop("PERMANENCIA_TEST_SERVER", ""):
        yield
        return
    server, alone = request.getfixturevalue("postgres"), drawn_lists.fresh_address
    drawn_lists.fresh_address = lambda like="": server.url(
        server.fresh(make_url(like).database) if like else server.fresh()
    )
    yield
    drawn_lists.fresh_address = alone
