"""A made-up city in which PER_ID is not enough: who is whom is known, so what the cross-match finds can be counted."""

import csv
import json
import shutil
import stat
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from features import Archive, Records, outcomes
from features.linkage import standing
from features.simulation import HARD_TO_LINK, simulate
from features.sources.pseudonym import pseudonym
from serving.cli import main
from serving.database import By, Database
from serving.intake import take_in
from serving.settings import read_settings

BY = By("cli:prueba", datetime(2024, 7, 1, 8, 0).astimezone())
NOT_NEEDED = ("valoracion.csv", "caracterizacion.csv", "anexo_13a.csv")
BARS = {"precision": 0.995, "recall": 0.97, "false dropouts left": 0.10}


@dataclass
class City:
    files: Path
    home: Path
    shown: dict
    review: Path

    @property
    def linked(self) -> Records:
        return Records.open(self.home / "archive")

    @property
    def before(self) -> Records:
        return Records.open(self.home / "archive-before")

    def people(self) -> pl.DataFrame:
        """Every pseudonym of the archive with the child it truly is."""
        told = pl.read_parquet(self.files / "truth" / "identities.parquet")
        by_document = pl.format("DOC:{}:{}", "document_type", "document_number")
        key = told.select(pl.coalesce(pl.format("PER_ID:{}", "per_id"), by_document)).to_series()
        secret = (self.home / "pseudonym.key").read_bytes()
        known = self.before.table("enrolment").select("student_id").unique().collect()
        return told.select("person", student_id=pseudonym(key, secret)).unique().join(known, on="student_id")

    def true_pairs(self) -> set[tuple[str, str]]:
        return pairs_of(self.people(), "person")

    def found_pairs(self) -> set[tuple[str, str]]:
        links = standing(self.linked)
        members = pl.concat(
            [links.select("student_id", "same_as"), links.select(student_id="same_as", same_as="same_as")]
        )
        return pairs_of(members.unique(), "same_as")


def pairs_of(members: pl.DataFrame, home: str) -> set[tuple[str, str]]:
    both = members.join(members, on=home).filter(pl.col("student_id") < pl.col("student_id_right"))
    return set(both.select("student_id", "student_id_right").iter_rows())


def typed(capsys, *words) -> tuple[int, dict]:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), "--json"])
    return ended.value.code or 0, json.loads(capsys.readouterr().out or "{}")


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    room = tmp_path_factory.mktemp("cruces")
    files, home = room / "exports", room / "home"
    simulate(files, 1_800, (2023, 2024), seed=4, weeks_of_last_year=16, assumptions=HARD_TO_LINK)
    for name in NOT_NEEDED:
        for file in files.rglob(name):
            file.unlink()
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERMANENCIA_HOME", str(home))
        settings = read_settings()
        database = Database.open(settings.database_url)
        take_in(files, settings, database, BY)
        shutil.copytree(settings.archive, home / "archive-before")
        from serving.linking import link

        last = Records.open(settings.archive).last_known_on()
        done = link(settings, database, last, BY, review_out=room / "dudas.csv")
        database.engine.dispose()
    return City(files, home, vars(done), room / "dudas.csv")


def test_the_pairs_that_per_id_cannot_settle_are_found_and_few_are_wrong(city):
    true, found = city.true_pairs(), city.found_pairs()
    precision, recall = len(true & found) / len(found), len(true & found) / len(true)

    assert len(true) > 60
    assert precision >= BARS["precision"], f"{precision:.4f}"
    assert recall >= BARS["recall"], f"{recall:.4f}"


def test_no_two_children_of_one_birth_are_merged(city):
    students = pl.read_parquet(city.files / "truth" / "students.parquet").filter(pl.col("kind") == "REAL")
    born_together = students.join(students, on=["family", "born_on"]).filter(pl.col("per_id") < pl.col("per_id_right"))
    home = dict(city.people().select("student_id", "person").iter_rows())
    merged = {tuple(sorted((home[a], home[b]))) for a, b in city.found_pairs()}

    assert born_together.height > 10
    assert not merged & set(born_together.select("per_id", "per_id_right").iter_rows())


def test_children_who_moved_inside_the_secretariat_are_no_longer_taken_for_dropouts(city):
    days = [date(2023, 2, 5) + timedelta(weeks=4 * n) for n in range(10)]
    days += [date(2024, 2, 4) + timedelta(weeks=4 * n) for n in range(3)]
    before, after = (falsely_lost(city, records, days) for records in (city.before, city.linked))

    assert before >= 10
    assert after <= BARS["false dropouts left"] * before


def falsely_lost(city: City, records: Records, days: list[date]) -> int:
    """Records said to have LEFT whose child had moved inside the city and was there again by the last export."""
    exits = pl.read_parquet(city.files / "truth" / "exits.parquet").select("left_on", "cause", person="per_id")
    lost = outcomes(records, days).filter(pl.col("outcome") == "LEFT").select("student_id", "happened_on").unique()
    around = lost.join(city.people(), on="student_id").join(exits, on="person")
    late = (pl.col("happened_on") - pl.col("left_on")).dt.total_days()
    moved = around.filter((pl.col("cause") == "TRANSFER_INSIDE") & late.is_between(-14, 90))
    dropped = around.filter((pl.col("cause") == "DROPOUT") & late.is_between(-14, 120))
    again = city.people().join(first_seen(records), on="student_id")
    back = moved.join(again, on="person", suffix="_again").filter(pl.col("first_on") >= pl.col("left_on"))
    return (
        back.join(dropped, on=["student_id", "happened_on"], how="anti").select("student_id", "happened_on").n_unique()
    )


def first_seen(records: Records) -> pl.DataFrame:
    return records.table("enrolment").group_by("student_id").agg(first_on=pl.col("happened_on").min()).collect()


def test_the_command_tells_what_it_did_and_a_second_time_does_nothing(city, capsys):
    assert city.shown["links"] == standing(city.linked).height
    assert sum(city.shown["decided_by"].values()) == city.shown["links"]
    assert {"MODEL", "DOCUMENT"} <= set(city.shown["decided_by"])

    code, told = typed(capsys, "link", "--home", city.home, "--day", city.shown["day"])

    assert (code, told["links"], told["withdrawn"]) == (0, 0, 0)


def test_the_doubtful_pairs_go_to_a_file_that_only_its_owner_reads_and_that_says_so(city):
    mode = stat.S_IMODE(city.review.stat().st_mode)
    notice, header, *rows = in_rows(city.review)

    assert mode == 0o600
    assert notice[0].startswith("CONFIDENCIAL")
    assert header[0] == "decision"
    assert len(rows) == city.shown["doubtful"] > 0
    assert all(row[0] == "" and row[header.index("evidencia")] and row[header.index("nombres_a")] for row in rows)


def test_what_a_person_decides_is_respected_and_not_asked_again(city, tmp_path, capsys):
    home = tmp_path / "home"
    shutil.copytree(city.home, home)
    _, header, *rows = in_rows(city.review)
    joined, parted = rows[0], [decided_apart(home)]
    place = {name: header.index(name) for name in ("decision", "registro_a", "registro_b")}
    answers = [[*joined]] + [["" for _ in header] for _ in parted]
    answers[0][place["decision"]] = "mismo"
    for row, (left, right) in zip(answers[1:], parted, strict=True):
        row[place["decision"]], row[place["registro_a"]], row[place["registro_b"]] = "«Distinto»", left, right
    file = tmp_path / "decidido.csv"
    with file.open("w", encoding="latin-1", errors="replace", newline="") as saved:
        csv.writer(saved, delimiter=";").writerows([header, *answers])
    day = city.shown["day"] + timedelta(days=1)

    code, told = typed(
        capsys, "link", "--home", home, "--day", day, "--review-in", file, "--review-out", tmp_path / "2.csv"
    )

    left = Records.open(home / "archive")
    pairs = set(standing(left).select("student_id", "same_as").iter_rows())
    assert (code, told["withdrawn"]) == (0, 1)
    assert told["doubtful"] == city.shown["doubtful"] - 1
    assert {tuple(joined[-2:]), tuple(joined[-2:])[::-1]} & pairs
    assert not {parted[0], parted[0][::-1]} & pairs
    assert typed(capsys, "link", "--home", home, "--day", day)[1]["links"] == 0


def in_rows(file: Path) -> list[list[str]]:
    return list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))


def decided_apart(home: Path) -> tuple[str, str]:
    return standing(Records.open(home / "archive")).select("student_id", "same_as").row(0)


def test_names_leave_a_line_in_the_audit_and_none_in_the_archive(city):
    database = Database.open(f"sqlite:///{city.home / 'permanencia.sqlite'}")
    with database.reading() as connection:
        lines = connection.exec_driver_sql("SELECT by, action, thing FROM audit WHERE thing LIKE 'link%'").all()
    database.engine.dispose()

    assert ("cli:prueba", "read_roster", "link") in [tuple(line) for line in lines]
    assert ("cli:prueba", "export", "link:review") in [tuple(line) for line in lines]
    written = [entry for entry in Archive(city.home / "archive").entries() if entry.source == "cruce"]
    content = b"".join((city.home / "archive" / part).read_bytes() for entry in written for part in entry.parts)
    assert not any(name in content for name in (b"RODR", b"VALENTINA", b"SANTIAGO", b"390000"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hola\n1;2\n", 3),
        ("decision;registro_a;registro_b\ntal vez;a;b\n", 3),
        ("decision;registro_a;registro_b\nmismo;a;\n", 3),
        ("decision;registro_a;registro_b\nmismo;a;b\ndistinto;b;a\n", 3),
        ("decision;registro_a;registro_b\nmismo;a;b\n", 3),
        (None, 5),
    ],
    ids=["no header", "no decision", "no pair", "both decisions", "nobody", "no file"],
)
def test_a_review_that_cannot_be_understood_is_refused_in_a_sentence(city, tmp_path, capsys, text, code):
    file = tmp_path / "dudas.csv"
    if text is not None:
        file.write_text(text)

    ended, told = typed(capsys, "link", "--home", city.home, "--day", city.shown["day"], "--review-in", file)

    assert ended == code
    assert told["error"].endswith(".")


def test_a_cross_match_cannot_be_dated_before_the_last_export(city, capsys):
    ended, told = typed(capsys, "link", "--home", city.home, "--day", city.shown["day"] - timedelta(days=1))

    assert ended == 2
    assert "antes" in told["error"]


def test_without_an_archive_there_is_nothing_to_compare(tmp_path, capsys):
    assert typed(capsys, "link", "--home", tmp_path / "nobody", "--day", "2024-07-01")[0] == 5


def test_an_engine_that_does_not_exist_is_a_wrong_usage(city, capsys):
    ended, told = typed(capsys, "link", "--home", city.home, "--engine", "ibis")

    assert ended == 2
    assert "duckdb, spark" in told["error"]
