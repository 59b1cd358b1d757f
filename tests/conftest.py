"""Settings for every test: properties have no deadline, since the machine that runs them may be busy."""

from canaries import every_log  # noqa: F401
from hypothesis import settings
from postgres_server import database, database_url, each_database, embedded, postgres  # noqa: F401

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")
