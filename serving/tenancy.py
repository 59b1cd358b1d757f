"""Which tables hold children's records, and how PostgreSQL hides them from whoever has not said who is looking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, inspect, text

from serving.faults import Missing, WrongUsage

APPLICATION_ROLE = "permanencia_app"
JOB = "job"
READERS = (JOB, "coverage", "supervisor", "school", "data_scientist")
NAME_READERS = tuple(role for role in READERS if role != "data_scientist")


@dataclass(frozen=True)
class Context:
    """Who looks at children's records, as what, and at which institutions (None: at all of them)."""

    who: str
    role: str
    institutions: frozenset[str] | None


class Reaching(Protocol):
    @property
    def touched(self) -> frozenset[str] | None: ...


class Someone(Protocol):
    """A member of staff, as serving.people knows them."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def reach(self) -> Reaching: ...


def context_of(person: Someone) -> Context:
    """The schools of which at least a group is reached: what is finer than a school the application keeps."""
    return Context(person.name, str(person.role), person.reach.touched)


def job(who: str) -> Context:
    """The weekly run and the commands of whoever administers the machine: the whole secretariat, and they may write."""
    return Context(who, JOB, None)


@dataclass(frozen=True)
class Fence:
    """Who may read a table of children's records, and which rows a reach shows."""

    readers: tuple[str, ...] = READERS
    within: str = "institution_id = {reach}"
    may: str = "SELECT, INSERT"  # what is published is never changed
    writers: tuple[str, ...] = ()  # beside the job, and only new rows within their reach


ROLE = "(SELECT current_setting('permanencia.role', true))"
WHOLE = "(SELECT current_setting('permanencia.whole', true) = 'yes')"
TOLD = "NULLIF(current_setting('permanencia.reach', true), '')::jsonb"
REACH = f"ANY (ARRAY(SELECT jsonb_array_elements_text({TOLD}))::text[])"
SHOWN = (
    "EXISTS (SELECT FROM {table} shown WHERE shown.student_id = roster.student_id AND shown.institution_id = {{reach}})"
)
LATEST = "shown.publication_id = (SELECT publication_id FROM pointers ORDER BY day DESC LIMIT 1)"
OF_THE_CHILD = " OR ".join(
    [
        "institution_id = {reach}",
        SHOWN.format(table="listed"),
        SHOWN.format(table="departures"),
        SHOWN.format(table="scores").replace(" WHERE ", f" WHERE {LATEST} AND "),
    ]
)
"""A child who moved since the list was made is still called by name by the school that is shown it."""

TENANT: Mapping[str, Fence] = {
    "listed": Fence(),
    "departures": Fence(),
    "scores": Fence(),
    "reports": Fence(),
    "prepared": Fence(),
    "export_packs": Fence(NAME_READERS, may="SELECT, INSERT, DELETE"),
    "school_figures": Fence(may="SELECT, INSERT, DELETE"),  # worked out again, it takes the place of what was there
    "roster": Fence(NAME_READERS, OF_THE_CHILD, "SELECT, INSERT, UPDATE, DELETE"),
    "contacts": Fence(writers=NAME_READERS),
    "assignments": Fence(writers=("supervisor",)),
    "feedback": Fence(writers=NAME_READERS),
    "notes": Fence(NAME_READERS, may="SELECT, INSERT, UPDATE", writers=NAME_READERS),  # changed only to seal it again
}
"""Every table with a child's record, or with what is said of one school alone."""

ALL_OF_IT = "SELECT, INSERT, UPDATE, DELETE"
FREE: Mapping[str, str] = {
    "alembic_version": "SELECT",
    "audit": "SELECT, INSERT",
    "people": ALL_OF_IT,
    "tokens": ALL_OF_IT,
    **dict.fromkeys(("reach_parts", "accounts", "invitations", "recovery_codes", "sessions", "attempts"), ALL_OF_IT),
    **dict.fromkeys(("export_jobs", "deliveries"), ALL_OF_IT),
    "schools": ALL_OF_IT,
    "saved_views": "SELECT, INSERT, DELETE",
    "publications": "SELECT, INSERT",
    "pointers": ALL_OF_IT,  # a list that is taken back is no longer pointed at
}
"""Tables without a child's record, and what the application may do with them. A table in neither list is closed."""


def enter(connection: Connection, context: Context | None) -> None:
    """Tells PostgreSQL who is looking, for this transaction alone; SQLite has one reader, the application."""
    if context is None or connection.dialect.name != "postgresql":
        return
    told = {
        "who": context.who,
        "role": context.role,
        "whole": "yes" if context.institutions is None else "no",
        "reach": json.dumps(sorted(context.institutions or ())),
    }
    words = ", ".join(f"set_config('permanencia.{name}', :{name}, true)" for name in told)
    connection.execute(text(f"SELECT {words}"), told)


def lift(connection: Connection) -> None:
    """Takes the fences away for the length of a migration, which its owner runs alone."""
    for name in _tables(connection) & set(TENANT):
        for statement in _lifted(name):
            connection.execute(text(statement))


def settle(connection: Connection) -> None:
    """Puts the fences and the grants of this version on the tables; run by their owner after every migration."""
    if connection.dialect.name != "postgresql":
        return
    must_have_application_role(connection)
    there = sorted(_tables(connection))
    for statement in [*_closed(), *(one for name in there for one in _opened(name))]:
        connection.execute(text(statement))


def _tables(connection: Connection) -> set[str]:
    """Of PostgreSQL; other databases have no fences."""
    return set(inspect(connection).get_table_names()) if connection.dialect.name == "postgresql" else set()


def must_have_application_role(connection: Connection) -> None:
    there = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if connection.execute(there, {"role": APPLICATION_ROLE}).first() is None:
        raise Missing(f"Falta el rol {APPLICATION_ROLE} en PostgreSQL. Créelo con: createuser {APPLICATION_ROLE}")


def must_not_own(connection: Connection) -> None:
    """A role that owns the tables, or that no policy binds, would make every fence a painted one."""
    if connection.dialect.name != "postgresql":
        return
    free = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    owns = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(tableowner, 'MEMBER'))"
    if any(connection.execute(text(question)).scalar() for question in (free, owns)):
        raise WrongUsage(
            "PERMANENCIA_DATABASE_URL usa un rol dueño de las tablas o sin restricciones. "
            f"Use un rol miembro de {APPLICATION_ROLE}; el dueño va en PERMANENCIA_DATABASE_OWNER_URL."
        )


def _closed() -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {APPLICATION_ROLE}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE}"


def _opened(table: str) -> Iterator[str]:
    fence = TENANT.get(table)
    may = fence.may if fence else FREE.get(table)
    if fence:
        yield from _fenced(table, fence)
    if may:
        yield f"GRANT {may} ON {table} TO {APPLICATION_ROLE}"


def _lifted(table: str) -> Iterator[str]:
    yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS seen_within_reach ON {table}"
    yield f"DROP POLICY IF EXISTS written_by_the_job ON {table}"
    yield f"DROP POLICY IF EXISTS added_by_staff ON {table}"


def _fenced(table: str, fence: Fence) -> Iterator[str]:
    readers = ", ".join(f"'{role}'" for role in fence.readers)
    within = fence.within.format(reach=REACH)
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    seen = f"{ROLE} IN ({readers}) AND ({WHOLE} OR {within})"
    yield f"CREATE POLICY seen_within_reach ON {table} FOR SELECT USING ({seen})"
    yield f"CREATE POLICY written_by_the_job ON {table} USING ({ROLE} = '{JOB}') WITH CHECK ({ROLE} = '{JOB}')"
    if fence.writers:
        staff = ", ".join(f"'{role}'" for role in fence.writers)
        added = f"{ROLE} IN ({staff}) AND ({WHOLE} OR {within})"
        yield f"CREATE POLICY added_by_staff ON {table} FOR INSERT WITH CHECK ({added})"
