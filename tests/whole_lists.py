"""Whether what a database holds is whole lists and nothing else: every row, page and pointer, from the rows alone."""

import hashlib
import json

from drawn_lists import BY
from sqlalchemy import func, select

from serving import published
from serving.audit_chain import verify
from serving.prepared import CITY, SIZES
from serving.prepared_tables import prepared
from serving.published import Wanted
from serving.reach import GROUP, WHOLE_SECRETARIAT, reach_of
from serving.risk_lists import canonical
from serving.tables import departures, listed, pointers, publications, reports, schools, scores

CONFIGURED = ("day", "capacity", "per_school", "model_version", "model_digest", "horizon_weeks", "tie_rule", "order")


def whole_lists(database):
    """Day → id of the list in force, after checking that every list is whole and that the audit is."""
    with database.reading_as(BY.context) as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert verify(connection, database.keys.audit).whole
        kept = {row.id: row for row in connection.execute(select(publications))}
        in_force = {row.day: row.publication_id for row in connection.execute(select(pointers))}
        for table in (listed, scores, departures, reports, prepared):
            used = set(connection.execute(select(table.c.publication_id).distinct()).scalars())
            assert used <= set(kept), f"rows of {table.name} belong to no list"
        assert set(in_force.values()) <= set(kept)
        assert all(kept[id].day == day for day, id in in_force.items())
        for row in kept.values():
            must_be_whole(connection, row)
    return in_force


def must_be_whole(connection, publication):
    header = json.loads(publication.body)
    assert header["id"] == publication.id and header["content_hash"] == publication.content_hash
    assert content_hash(connection, publication.id, header) == publication.content_hash, "rows that were not sealed"
    on_roll = connection.execute(select(func.count()).where(scores.c.publication_id == publication.id)).scalar_one()
    city = published.rows(connection, publication.id, Wanted())
    assert (on_roll, len(city)) == (header["on_roll"], header["listed"])
    for school in (CITY, *codes(connection, publication.id)):
        wanted = Wanted(reach_of([school]) if school else WHOLE_SECRETARIAT, school or None, city_list_only=not school)
        rows = [row.student_id for row in published.rows(connection, publication.id, wanted)]
        for size in SIZES:
            assert prepared_rows(connection, publication.id, school, size) == rows


def codes(connection, id):
    return sorted(
        set(connection.execute(select(listed.c.institution_id).where(listed.c.publication_id == id)).scalars())
    )


def prepared_rows(connection, id, school, size):
    """The children of all prepared pages of one list, each page followed by the one it leads to."""
    same = (prepared.c.publication_id == id) & (prepared.c.institution_id == school) & (prepared.c.size == size)
    pages = {row.after: row for row in connection.execute(select(prepared).where(same))}
    found, after, seen = [], 0, 0
    while after is not None:
        page = pages[after]
        body = json.loads(page.body + b"}")
        assert body["publication"]["id"] == id and len(body["rows"]) == page.rows
        found += [row["student_id"] for row in body["rows"]]
        after, seen = page.next_after, seen + 1
    assert seen == len(pages)
    return found


def content_hash(connection, id, header):
    """The seal, worked out anew from what the tables hold."""
    told = {name: header[name] for name in (*CONFIGURED, "model_note") if name in header}
    digest = hashlib.sha256(canonical(told) + b"\n")
    for part in parts(connection, id):
        digest.update(part + b"\n")
    return digest.hexdigest()


def parts(connection, id):
    for row in connection.execute(select(listed).where(listed.c.publication_id == id).order_by(listed.c.rank)):
        yield from (part for part in (row.body, row.trajectory, row.lately) if part is not None)
    gone = select(departures).where(departures.c.publication_id == id)
    yield from (row.body for row in connection.execute(gone.order_by(departures.c.student_id)))
    yield canonical(dict(sorted(notices(connection, id).items())))
    chosen = select(scores).where(scores.c.publication_id == id).order_by(scores.c.student_id)
    everyone = connection.execute(chosen).all()
    decided = [name for name in ("standing", *GROUP) if any(row.standing or getattr(row, name) for row in everyone)]
    for row in everyone:  # a list that was drawn for a test may lack some of these altogether
        more = [getattr(row, name) for name in decided]
        told = [row.student_id, f"{row.raw_score:.6f}", *("" if one is None else str(one) for one in more)]
        yield " ".join(told).encode()


def notices(connection, id):
    """School → how well it reports and what is said of it. A drawn list tells of schools that say nothing of theirs."""
    told = connection.execute(select(reports).where(reports.c.publication_id == id))
    found = {row.institution_id: (row.quality, row.notice) for row in told}
    return found or dict.fromkeys(connection.execute(select(schools.c.institution_id)).scalars(), (None, None))
