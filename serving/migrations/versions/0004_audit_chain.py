"""Each line of the audit seals itself and the one before; on SQLite a trigger refuses to change or to take away."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import cast

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BOGOTA_IS_BEHIND = timedelta(hours=5)
COLUMNS = {"role": 20, "why": 120, "previous": 80, "digest": 80}


def upgrade() -> None:
    with op.batch_alter_table("audit") as audit:
        for name, length in COLUMNS.items():
            audit.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    connection = op.get_bind()
    lines = connection.execute(sa.text("SELECT id, at, by, action, thing, detail FROM audit ORDER BY id")).all()
    previous = "0" * 64
    for number, line in enumerate(lines, start=1):
        at = moment(line.at, connection.dialect.name)
        told = [number, at.isoformat(timespec="microseconds"), line.by, "", line.action, line.thing, line.detail, ""]
        digest = "sha256:" + hashlib.sha256(packed([*told, previous])).hexdigest()
        values = {"old": line.id, "id": number, "at": kept(at, connection.dialect.name)}
        connection.execute(CHAINED, {**values, "previous": previous, "digest": digest})
        previous = digest
    with op.batch_alter_table("audit") as audit:
        for name in COLUMNS:
            audit.alter_column(name, server_default=None)
        audit.create_unique_constraint("uq_audit_previous", ["previous"])
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
            )


CHAINED = sa.text("UPDATE audit SET id = :id, at = :at, previous = :previous, digest = :digest WHERE id = :old")


def moment(told: object, dialect: str) -> datetime:
    """Until now SQLite kept the clock of Bogotá and did not say so; from now on it keeps that of Greenwich."""
    if dialect == "sqlite":
        return (datetime.fromisoformat(str(told)) + BOGOTA_IS_BEHIND).replace(tzinfo=UTC)
    return cast(datetime, told).astimezone(UTC)


def kept(at: datetime, dialect: str) -> object:
    """As SQLAlchemy writes a moment in each of the two."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if dialect == "sqlite" else at


def packed(told: list[object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_refuses_{verb}")
    with op.batch_alter_table("audit") as audit:
        audit.drop_constraint("uq_audit_previous", type_="unique")
        for name in reversed(COLUMNS):
            audit.drop_column(name)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE audit SET at = strftime('%Y-%m-%d %H:%M:%S', at, '-5 hours') || substr(at, 20)")
