"""What a file may cost, what may be said of its name, and when a person should look before a list is made."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hostile_containers import SHEET, declaring, rebuilt, workbook, zipped
from hostile_corpus import GOOD, SECRETS, WEEKS
from hypothesis import given
from hypothesis import strategies as st
from made_up_exports import Secretariat, rows_of, text

from features.archive import Archive, Entry
from features.sources.compression import open_file, unpack
from features.sources.content import Content
from features.sources.file_names import told, told_path
from features.sources.holding import why_held
from features.sources.parser_process import PARSER, ParserGaveUpError, ParserProcess
from features.sources.text_table import read_text
from serving.cli import main

MEGABYTE = 2**20

# What opening costs


def bombs() -> dict[str, bytes]:
    """Small files that would be large ones."""
    zeros = bytes(60 * MEGABYTE)
    archive, book = zipped({"a.csv": zeros}), rebuilt(sheet=zeros)
    return {
        "zip": archive,
        "gzip": gzip.compress(zeros, 1),
        "gzip of random and zeros": gzip.compress(Random(1).randbytes(2 * MEGABYTE) + bytes(210 * MEGABYTE), 1),
        "zip that lies": declaring(1000, archive),
        "workbook": book,
        "workbook that lies": declaring(90_000, book),
        "many": zipped({str(number): b"" for number in range(20_000)}),
        "declared": declaring(2**31, zipped({"a.csv": GOOD.encode()})),
    }


MEASURE = """
import json, sys, time
from features.sources.compression import open_file
from pathlib import Path
def peak(): return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
told, before = {}, peak()
for path in map(Path, sys.argv[1:]):
    began = time.process_time()
    opened = open_file(path, "x")
    told[path.name] = [len(opened.contents), len(opened.problems), time.process_time() - began]
print(json.dumps({"files": told, "more": peak() - before, "peak": peak()}))
"""


def test_bombs_are_refused_within_a_second_each_and_in_little_memory(tmp_path: Path) -> None:
    for name, data in bombs().items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-W", "ignore", "-c", MEASURE, *map(str, sorted(tmp_path.iterdir()))]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    measured = json.loads(shown.stdout)

    assert len(measured["files"]) == 8
    assert all((contents, problems) == (0, 1) for contents, problems, _ in measured["files"].values())
    assert max(seconds for _, _, seconds in measured["files"].values()) < 1
    assert measured["more"] < 40  # MB beside the libraries, which take some 140


def test_a_file_too_large_for_one_machine_is_not_read_at_all(tmp_path: Path) -> None:
    with (tmp_path / "detallado.csv").open("wb") as file:
        file.truncate(2**31 + 1)
    opened = open_file(tmp_path / "detallado.csv", "detallado.csv")

    assert "pesa más de 2 GB" in opened.problems[0].sentence()


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    assert "no se deja leer" in open_file(tmp_path / "gone.csv", "gone.csv").problems[0].sentence()


def test_a_line_of_many_megabytes_is_told_and_not_chewed() -> None:
    began = time.perf_counter()
    table = read_text(Content("x.csv", f"{GOOD}{'9;' * 20 * MEGABYTE}\n".encode("latin-1")))

    assert (table.rows.height, table.misfits.height) == (5, 1)
    assert time.perf_counter() - began < 10


# The parser in a process of its own


@pytest.fixture
def parser():
    made: list[ParserProcess] = []

    def start(**limits: float) -> ParserProcess:
        made.append(ParserProcess(**limits))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for each in made:
        each.close()


FAR_AWAY = rebuilt(
    sheet=SHEET % b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
)


def test_the_parser_serves_workbook_after_workbook_and_forgets_none(parser) -> None:
    child = parser()
    first = child.read(workbook())

    assert [child.read(workbook()) for _ in range(20)] == [first] * 20
    assert first[0].visible and first[0].text.count(b"\n") == 6


def test_each_sheet_of_a_workbook_is_read_and_a_row_told_by_its_number_in_the_sheet(tmp_path: Path) -> None:
    titles, *children = [
        line.split(";") for line in text([*rows_of([1, 2]), *rows_of([3], GRADO_COD="12A")]).splitlines()
    ]

    def another(book, _) -> None:
        other = book.add_worksheet("Sur")
        for number, row in enumerate([["LISTADO"], [], titles, children[2]]):
            other.write_row(number, 0, row)

    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__xlsx=workbook([titles, [], *children[:2]], another))
    report = secretariat.ingest()

    assert [(file.file, file.accepted, file.quarantined) for file in report.files] == [
        ("2024-03-01/detallado.xlsx/hoja 1", 2, 0),
        ("2024-03-01/detallado.xlsx/hoja 2", 0, 1),
    ]
    assert [problem.row for problem in report.problems if problem.level == "error"] == [4]
    assert secretariat.ingest().as_json()["files"][0]["unchanged"]


def test_rows_above_the_titles_of_another_export_are_not_passed_over(tmp_path: Path) -> None:
    secretariat = Secretariat(tmp_path)
    other = text(rows_of([7]), [f"A{number}" for number in range(43)])
    secretariat.drop("2024-03-01", detallado__csv=other + text(rows_of([1, 2])))
    report = secretariat.ingest()

    assert [problem.rule for problem in report.problems] == ["encabezado-desconocido"]
    assert report.quarantined == report.rows_in == 3


def test_a_workbook_that_kills_the_parser_takes_nobody_with_it(parser) -> None:
    child = parser()
    good = child.read(workbook())
    with pytest.raises(ParserGaveUpError):
        child.read(FAR_AWAY)

    assert child.read(workbook()) == good


def test_a_workbook_that_takes_too_long_is_given_up(parser) -> None:
    child = parser(seconds=0.001)
    began = time.perf_counter()
    with pytest.raises(ParserGaveUpError):
        child.read(workbook())

    assert time.perf_counter() - began < 5


def test_the_parser_may_not_have_more_than_its_memory(parser) -> None:
    row = b"<row>" + b'<c t="inlineStr"><is><t>CANARINA</t></is></c>' * 100 + b"</row>"
    large = rebuilt(sheet=SHEET % (row * 20_000))
    with pytest.raises(ParserGaveUpError):
        parser(memory=128 * MEGABYTE).read(large)


def test_the_parser_is_told_no_secret_of_ours(parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMANENCIA_SESSION_SECRET", "canarina")
    child = parser()
    child.read(workbook())

    assert child._child is not None
    assert b"canarina" not in Path(f"/proc/{child._child.pid}/environ").read_bytes()


def test_what_is_no_workbook_is_told_from_what_is_too_much(parser) -> None:
    with pytest.raises(ValueError, match="not a workbook"):
        parser().read(b"PK\x03\x04 and nothing more")


def test_plain_files_never_wait_for_the_parser() -> None:
    PARSER.close()
    unpack(Content("detallado.csv", GOOD.encode("latin-1")))
    unpack(Content("detallado.zip", zipped({"a.csv": GOOD.encode("latin-1")})))

    assert PARSER._child is None


# What a file is called


@pytest.mark.parametrize(
    "name", ["detallado_alumnos.csv", "anexo_6a.txt", "Copia de Detallado (2).xlsx", "matricula 20240304.csv"]
)
def test_a_name_that_exports_have_is_told_as_it_is(name: str) -> None:
    assert told(name) == name


@pytest.mark.parametrize(
    "name", ["CANARINA CANARIOSKI.csv", "matricula_1107998877.csv", "Ana 9876543.zip", "canarina@canario.co.csv"]
)
def test_a_name_that_may_be_a_childs_is_told_by_a_mark(name: str) -> None:
    assert not [secret for secret in SECRETS if secret.lower() in told(name).lower()]
    assert told(name) == told(name) != told(f"x{name}")
    assert told(name).endswith(Path(name).suffix)


PARTS = [
    "..",
    ".",
    "C:",
    "\\\\host\\x",
    "~",
    "CON",
    "NUL.csv",
    "\u202evsc.exe",
    "x" * 300,
    "é" * 200,
    "$(x)",
    "|x",
    " ",
    "-rf",
    "a?b",
]


def odd_names() -> list[str]:
    """Three hundred names that want to lead elsewhere, look like another, or are too long."""
    pairs = [(one, other) for one in PARTS for other in PARTS[:5]]
    return list({f"{one}{joint}{other}.csv" for joint in ("/", "\\", " ", "%2f") for one, other in pairs})


@given(st.text(max_size=300))
def test_whatever_a_file_is_called_it_is_told_in_a_few_plain_letters(name: str) -> None:
    for shown in (told(name), *told_path(name).split("/")):
        assert len(shown) <= 70
        assert re.fullmatch(r"[\w …~.()-]*", shown)
        assert not re.search(r"\d{5,7}(?!\d)|\d{9,11}|\d{13}", re.sub(r"~[0-9a-f]{8}", "", shown))


def test_wherever_a_file_in_a_zip_wants_to_go_it_goes_nowhere(tmp_path: Path) -> None:
    names = odd_names()
    secretariat = Secretariat(tmp_path / "home")
    bad = f"{WEEKS}9876543;176001000018;CANARINA;5;1\n".encode()
    for number, start in enumerate(range(0, len(names), 200)):
        members = {name: bad + b"\n" * (start + place) for place, name in enumerate(names[start : start + 200])}
        secretariat.drop("2024-03-01", **{f"todo{number}__zip": zipped(members)})
    report = secretariat.ingest()
    written = {path.parent.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}

    assert len(names) >= 300 and report.quarantined == report.rows_in == len(names)
    assert {place.parts[1] for place in written} == {"exports", "quarantine", "archive"}
    assert len(list((tmp_path / "home" / "quarantine").rglob("*.csv"))) == len(names)
    assert all(len(path.name.encode()) < 200 for path in (tmp_path / "home" / "quarantine").rglob("*"))
    assert all(".." not in told_path(name).split("/") for name in names)


# Held for a person


def export(rows: int, bad: int = 0) -> str:
    return text([*rows_of(range(rows - bad)), *rows_of(range(rows - bad, rows), GRADO_COD="12A")])


@pytest.mark.parametrize(("bad", "held"), [(0, False), (2, False), (10, False), (11, True), (100, True)])
def test_more_than_a_twentieth_set_aside_asks_for_a_person_and_the_good_rows_are_kept(tmp_path, bad, held) -> None:
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=export(200, bad))
    report = secretariat.ingest()

    assert (report.accepted, report.quarantined) == (200 - bad, bad)
    assert bool(report.held) is held is report.needs_a_look
    assert not held or f"{bad} de 200 filas quedaron en cuarentena" in report.held[0]


@pytest.mark.parametrize(
    ("rows", "days", "held"), [(220, 7, False), (221, 7, True), (180, 7, False), (179, 7, True), (90, 60, False)]
)
def test_a_tenth_more_or_less_than_last_week_asks_for_a_person(tmp_path, rows, days, held) -> None:
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=export(200))
    secretariat.drop((date(2024, 3, 1) + timedelta(days)).isoformat(), detallado__csv=export(rows))
    report = secretariat.ingest()
    again = secretariat.ingest()

    assert [("traía 200" in reason) for reason in report.held] == [True] * held
    assert again.held == report.held
    assert why_held(Archive(tmp_path / "archive").entries(), date(2024, 3, 2)) == []


def test_many_small_files_of_one_day_are_weighed_together() -> None:
    def entry(day: int, rows: int, bad: int, name: str) -> Entry:
        return Entry(name, "detallado", date(2024, 3, day), name, rows, rows - bad, bad)

    files = [entry(1, 30, 0, str(n)) for n in range(10)] + [entry(8, 30, 3 * (n == 0), f"b{n}") for n in range(10)]

    assert why_held(files) == []
    assert len(why_held([*files, entry(8, 40, 20, "more")])) == 2


def test_a_file_that_is_mended_and_sent_again_holds_nothing_back(tmp_path) -> None:
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=export(200, 100))
    assert secretariat.ingest().held
    secretariat.drop("2024-03-01", detallado__csv=export(200))

    assert not secretariat.ingest().held


def test_an_export_of_which_nothing_can_be_used_is_seen_in_the_exit_code(tmp_path, capsys) -> None:
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-08", detallado__csv=text(rows_of(range(9))))
    ingest = ["ingest", "--home", str(tmp_path / "home")]
    assert exit_code([*ingest, str(tmp_path / "exports" / "2024-03-08")]) == 0
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of(range(9))))

    assert exit_code([*ingest, str(tmp_path / "exports")]) == 3
    assert "corte" in capsys.readouterr().out


def exit_code(words: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)
