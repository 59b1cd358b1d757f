"""Files whose tests run twice: as they are, and with PostgreSQL under every home that they draw.

`pytest tests/test_pages.py` runs both, and `pytest tests/test_pages.py::postgresql` the second time alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

TWICE = {
    "test_administration_pages.py",
    "test_api.py",
    "test_api_score.py",
    "test_bulk_export.py",
    "test_contact_notes.py",
    "test_copies.py",
    "test_cross_site.py",
    "test_data_to_check.py",
    "test_data_to_mend.py",
    "test_filtered_copies.py",
    "test_guides.py",
    "test_imports_page.py",
    "test_model_page.py",
    "test_packs.py",
    "test_pages.py",
    "test_permission_matrix.py",
    "test_reporting_shown.py",
    "test_roles_in_the_browser.py",
    "test_runs_page.py",
    "test_school_pages.py",
    "test_sign_in.py",
    "test_week_views.py",
}
CHOSEN_BY_THE_TEST = {"database_url", "each_database"}


class Again(pytest.File):
    def collect(self) -> Iterable[OnAServer]:
        name = "postgresql"
        yield OnAServer.from_parent(self, path=self.path, name=name, nodeid=f"{self.nodeid}::{name}")


class OnAServer(pytest.Module):
    """The second time. `homes_on_a_server` (conftest) sees it, and lets homes be drawn on a server."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """All but the tests that run on both kinds of database by themselves."""
        return [one for one in super().collect() if not CHOSEN_BY_THE_TEST & set(getattr(one, "fixturenames", ()))]
