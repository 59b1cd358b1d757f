"""Brings a database to the tables of this version, on the connection it is given."""

from alembic import context

import serving.account_tables
import serving.contact_tables
import serving.delivery_tables
import serving.view_tables  # noqa: F401
from serving.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
