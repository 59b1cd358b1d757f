"""Hundreds of damaged files in every class we know: nothing breaks, no row is lost, and each earns its sentence."""

from __future__ import annotations

import gzip
import re
import stat
import time
from datetime import date
from functools import cache
from random import Random

import pytest
from hostile_containers import ARCHIVES, HEALED, WORKBOOKS, workbook, zipped
from hostile_corpus import FORMS, GOOD, MARKS, SECRETS, TABLES, WEEKS, mangled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_exports import Secretariat

from features.quality import Problem
from features.sources.compression import unpack
from features.sources.content import Content
from features.sources.ingest import NO_KEY
from features.sources.reader import read_content
from features.sources.text_table import read_text

CORPUS = {**TABLES, **ARCHIVES, **WORKBOOKS}
DAY = date(2024, 12, 1)
LONGEST_SECONDS = 30


@cache
def read(data: bytes) -> tuple[list[Problem], int, int, int]:
    """Everything told about a file, and its rows: how many came, how many are good, how many are set aside."""
    opened = unpack(Content("detallado.csv", data))
    readings = [read_content(content, DAY, NO_KEY) for content in opened.contents]
    problems = [*opened.problems, *(problem for reading in readings for problem in reading.problems)]
    counts = [(reading.rows_in, reading.rows.height, reading.refusals.height) for reading in readings] or [(0, 0, 0)]
    came, good, bad = map(sum, zip(*counts, strict=True))
    return problems, came, good, bad


def test_the_corpus_is_as_large_and_as_varied_as_it_should_be() -> None:
    different = {file for damage in CORPUS.values() for file in damage.files}

    assert len(different) >= 500 and len(CORPUS) >= 30


@pytest.mark.parametrize("name", CORPUS)
def test_every_file_of_a_class_earns_its_sentence_and_loses_no_row_in_silence(name: str) -> None:
    damage = CORPUS[name]
    for number, file in enumerate(damage.files):
        began = time.perf_counter()
        problems, came, good, bad = read(file)
        sentences = [problem.sentence() for problem in problems]

        assert [said for said in sentences if damage.says in said], (number, sentences)
        assert damage.rule in {problem.rule for problem in problems}, number
        assert came == good + bad, number
        assert damage.loss == ("none" if not bad else "some" if good else "all"), (number, came, good, bad)
        assert time.perf_counter() - began < LONGEST_SECONDS


@pytest.mark.parametrize("name", CORPUS)
def test_no_sentence_about_it_repeats_a_name_or_a_number_of_a_child(name: str) -> None:
    for file in CORPUS[name].files[::3]:
        told = " ".join(problem.sentence() for problem in read(file)[0])

        assert "\n" not in told
        assert not [secret for secret in SECRETS if re.search(rf"\b{re.escape(secret)}", told, re.IGNORECASE)]


@pytest.mark.parametrize("name", HEALED)
def test_what_only_looks_damaged_is_read_whole(name: str) -> None:
    problems, *counts = read(HEALED[name])

    assert counts == [5, 5, 0]
    assert not [problem for problem in problems if problem.level == "error"]


def test_all_classes_on_one_day_still_leave_the_good_rows_and_keep_the_bad_ones_from_others(tmp_path) -> None:
    secretariat = Secretariat(tmp_path)
    folder = secretariat.drop("2024-12-01", ok__csv=GOOD)
    for number, damage in enumerate(CORPUS.values()):
        (folder / f"CANARINA {number}.csv").write_bytes(damage.files[0])
    report = secretariat.ingest()
    kept = list((tmp_path / "quarantine").rglob("*.csv"))

    assert report.rows_in == report.accepted + report.quarantined > 200
    assert report.needs_a_look
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert not [secret for secret in SECRETS if re.search(rf"\b{re.escape(secret)}\b", str(report.as_json()))]


# Row conservation on files damaged at random


SMALL = {
    "detallado": "\n".join(GOOD.splitlines()[:4]),
    "weeks": WEEKS + "9876543;176001000018;26/02/2024;5;1\n9876544;176001000018;26/02/2024;5;0\n",
    "marks": MARKS + "2024;9876543;X;1;MATEMÁTICAS;2,5;01/03/2024\n",
    "forms": FORMS + "9876543;01/03/2024;MADRE;4;PRIMARIA;NO;25;NO;SI\n",
}
AT_ONCE = 25
WRAPPED = [zipped({"a.csv": GOOD.encode()}), gzip.compress(GOOD.encode()), workbook(), zipped({"a.xlsx": workbook()})]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_of_two_thousand_mangled_archives_none_breaks_the_reading(seed: int) -> None:
    draw = Random(seed)
    for _ in range(AT_ONCE):
        opened = unpack(Content("x", mangled(draw, draw.choice(WRAPPED))))

        assert opened.contents or opened.refusals


def rows_by_hand(data: bytes) -> int:
    """Lines that say something, counted as a person would; the titles are one of them."""
    text = data.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("latin-1")
    return sum(bool(line.strip(' ";,|\t\u00a0ï»¿')) for line in text.split("\n"))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.sampled_from(sorted(SMALL)))
def test_of_ten_thousand_mangled_files_no_line_is_lost_on_the_way_to_a_table(seed: int, kind: str) -> None:
    draw = Random(seed)
    for _ in range(AT_ONCE):
        data = mangled(draw, SMALL[kind].encode("latin-1"))
        table = read_text(Content("x.csv", data))
        numbers = [*table.rows["__row"], *table.misfits["__row"]] if table.titles else []

        assert len(set(numbers)) == len(numbers) == table.rows_in
        assert all(1 < number <= len(table.lines) for number in numbers)
        assert table.problems or table.rows_in <= rows_by_hand(data)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.sampled_from(["forms", "marks", "weeks"]))
def test_of_a_thousand_more_every_row_is_good_or_set_aside_with_its_reason(seed: int, kind: str) -> None:
    draw = Random(seed)
    for _ in range(AT_ONCE):
        reading = read_content(Content("x.csv", mangled(draw, SMALL[kind].encode("latin-1"))), DAY, NO_KEY)
        told = reading.refusals.select("rule", "message").rows()

        assert reading.rows.height + reading.refusals.height == reading.rows_in
        assert all(rule and message for rule, message in told)
        assert not [message for _, message in told if "9876543" in message]
