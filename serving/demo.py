"""A whole made-up secretariat in one go: its files, its model, two weekly lists, and someone to read them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from features import Records, catalogue_for, days_to_score
from features.simulation import simulate
from models.gates import GateRefused
from models.registry import Registry
from serving import published, territory_file
from serving.database import By, Database
from serving.faults import Refused
from serving.intake import take_in
from serving.made_up_map import NAME_FIELD, write_polygons
from serving.model_room import copy_for_service, promote, train_and_record
from serving.people import WHOLE_SECRETARIAT, Person, Role, add_person, issue_token, list_people, reach_of
from serving.publishing import Published
from serving.settings import Settings
from serving.tenancy import job
from serving.weekly import run_this_week

Progress = Callable[[str], None]

YEARS_BACK = 2
WEEKS_OF_LAST_YEAR = 30
CONTACTS_PER_STUDENT = 300 / 160_000  # Cali: about 300 contacts a week for 160,000 students
FEWEST_CONTACTS = 30
ADDRESS = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Shown:
    """What is printed at the end: the list, the addresses, and one sign-in per role."""

    published: Published
    day: date
    evaluation: list[dict[str, Any]]
    tokens: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "publication": vars(self.published),
            "day": self.day.isoformat(),
            "addresses": {"page": f"{ADDRESS}/entrar", "api": f"{ADDRESS}/api/v1/risk-lists/latest"},
            "tokens": self.tokens,
            "evaluation": self.evaluation,
        }

    def text(self) -> str:
        tokens = [f"  {name:<20} {token}" for name, token in self.tokens.items()]
        first = next(iter(self.tokens.values()))
        return "\n".join(
            [
                self.published.sentence(),
                "",
                f"Página:   {ADDRESS}/entrar   (entre con una de estas fichas)",
                *tokens,
                "",
                f"Llamadas: {ADDRESS}/api/docs",
                f'  curl -H "Authorization: Bearer {first}" {ADDRESS}/api/v1/risk-lists/latest',
            ]
        )


def build(settings: Settings, students: int, seed: int, last_year: int, by: By, progress: Progress) -> Shown:
    """Every step may be run again: what is already there is left as it is."""
    must_be_demo(settings)
    wanted = {"students": students, "seed": seed, "last_year": last_year}
    set_aside_other_city(settings, wanted, progress)
    database = Database.open(settings.database_url, settings.keys())
    exports = city(settings, students, seed, last_year, progress)
    take_in(exports, settings, database, by, progress)
    records = Records.open(settings.archive)
    evaluation = model_in_use(records, exports, settings, database, by, progress)
    contacts = max(FEWEST_CONTACTS, round(students * CONTACTS_PER_STUDENT))
    for day in days_to_score(records)[-2:]:
        done = run_this_week(records, settings, day, contacts, database, by, progress)
    map_of_comunas(settings, seed)
    stop_the_clock(settings, day + timedelta(days=1), contacts)
    return Shown(done, day, evaluation, staff(settings, database, done.id, by))


def map_of_comunas(settings: Settings, seed: int) -> None:
    """The polygons that a real secretariat would supply."""
    polygons = write_polygons(settings.home / "demo" / "comunas.geojson", seed)
    territory_file.load(polygons, NAME_FIELD, settings.home)


def must_be_demo(settings: Settings) -> None:
    if not settings.made_up:
        raise Refused(
            "Esta carpeta es de producción: la demostración nunca se mezcla con datos reales. Use otro --home."
        )


def set_aside_other_city(settings: Settings, wanted: dict[str, int], progress: Progress) -> None:
    """Two made-up cities do not share a home: the one before is kept beside it, under its number of students."""
    made = settings.home / "demo" / "city.json"
    there = json.loads(made.read_text("utf-8")) if made.exists() else wanted
    if there == wanted:
        return
    if not settings.database_url.endswith(str(settings.home / "permanencia.sqlite")):
        raise Refused("Esta base de datos ya tiene otra ciudad inventada. Use otra, o pida la misma ciudad.")
    aside = settings.home.with_name(f"{settings.home.name}-{there['students']}-estudiantes")
    shutil.rmtree(aside, ignore_errors=True)
    settings.home.rename(aside)
    progress(f"La ciudad inventada anterior queda en la carpeta {aside.name}.")


def city(settings: Settings, students: int, seed: int, last_year: int, progress: Progress) -> Path:
    """The files of the made-up city; a city half made is made again."""
    folder = settings.home / "demo" / "exports"
    made, wanted = folder.with_name("city.json"), {"students": students, "seed": seed, "last_year": last_year}
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        years = range(last_year - YEARS_BACK, last_year + 1)
        simulate(folder, students, years, seed, weeks_of_last_year=WEEKS_OF_LAST_YEAR, progress=progress)
        made.write_text(json.dumps(wanted), "utf-8")
    return folder


def model_in_use(
    records: Records, exports: Path, settings: Settings, database: Database, by: By, progress: Progress
) -> list[dict[str, Any]]:
    """Trains once per archive; gives the table in which the model stands beside every baseline."""
    note = settings.home / "demo" / "model.json"
    told = json.loads(note.read_text("utf-8")) if note.exists() else {}
    if told.get("records") != records.digest():
        registry = Registry(settings.tracking_uri, settings.artifacts)
        result = train_and_record(records, registry, None, None, exports / "truth", settings, progress)
        put_to_use(registry, str(result.version), records, settings, database, by, progress)
        told = {"records": records.digest(), "evaluation": json.loads(result.table.write_json())}
        note.write_text(json.dumps(told), "utf-8")
    return list(told["evaluation"])


def put_to_use(
    registry: Registry,
    version: str,
    records: Records,
    settings: Settings,
    database: Database,
    by: By,
    progress: Progress,
) -> None:
    """In a small city luck may beat the model. The gates say so; only here, where nobody is real, it is still used."""
    try:
        promote(registry, version, catalogue_for(records).fingerprint, settings, database, by)
    except GateRefused as refused:
        progress(f"{refused} Se usa de todos modos, solo porque esta ciudad es inventada.")
        copy_for_service(registry, version, settings, database, by, "use_without_promotion")


def stop_the_clock(settings: Settings, today: date, contacts: int) -> None:
    """The made-up city lives in its own week: without this every list would be called old."""
    lines = {"ENVIRONMENT": "demo", "TODAY": today.isoformat(), "CAPACITY": contacts}
    text = "".join(f"PERMANENCIA_{name}={value}\n" for name, value in lines.items())
    (settings.home / "settings.env").write_text(text, "utf-8")


def staff(settings: Settings, database: Database, list_id: str, by: By) -> dict[str, str]:
    """One person per role; their tokens are kept beside the made-up city, so that they can be printed again."""
    note = settings.home / "demo" / "tokens.json"
    tokens: dict[str, str] = json.loads(note.read_text("utf-8")) if note.exists() else {}
    there = {person.name for person in list_people(database)}
    for person in cast(database, list_id):
        if person.name not in there:
            add_person(database, person, by)
        if person.name not in tokens:
            tokens[person.name] = issue_token(database, person.name, by)
    _keep_private(note, json.dumps(tokens))
    return tokens


def cast(database: Database, list_id: str) -> tuple[Person, ...]:
    with database.reading_as(job("demo")) as connection:
        first = published.rows(connection, list_id, published.Wanted(WHOLE_SECRETARIAT, limit=1))[0]
    return (
        Person("cobertura", Role.COVERAGE),
        Person("supervision", Role.SUPERVISOR),
        Person("colegio", Role.SCHOOL, reach_of([first.institution_id])),
        Person("ciencia.de.datos", Role.DATA_SCIENTIST),
        Person("administracion", Role.ADMIN),
        Person("auditoria", Role.AUDITOR),
    )


def _keep_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
