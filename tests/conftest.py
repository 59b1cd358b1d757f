"""Settings for every test: properties have no deadline, since the machine that runs them may be busy."""

from collections.abc import Iterator
from pathlib import Path

import drawn_lists
import pytest
from canaries import every_log  # noqa: F401
from canary_watch import everything_told  # noqa: F401
from followed_home import sign_in  # noqa: F401
from hypothesis import settings
from postgres_server import database, database_url, each_database, embedded, postgres  # noqa: F401
from slow_first import slow_first
from twice import TWICE, Again, OnAServer

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.hookimpl(trylast=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Again | None:
    return Again.from_parent(parent, path=file_path) if file_path.name in TWICE else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = slow_first(items)


@pytest.fixture(scope="module", autouse=True)
def homes_on_a_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """The second time that a file of `TWICE` runs, every home that it draws keeps its lists in PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        if isinstance(request.node, OnAServer):
            patch.setattr(drawn_lists, "fresh_address", request.getfixturevalue("postgres").address)
        yield
