"""Damaged files: no crash, no row lost, and no name or number of a child in any message."""

import re
import stat
from datetime import date
from functools import cache

import pytest
from hostile_corpus import CANARIES, CHILD, GOOD, HEADER, SECRETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_exports import DETALLADO_43, ROSA, TODAY, Secretariat, annex, rows_of, text

from features.sources.compression import Content
from features.sources.ingest import NO_KEY
from features.sources.reader import read_content


def shifted(cells: int) -> str:
    """The child's row with its cells some places to the right."""
    fields = CHILD.split(";")
    return ";".join(fields[-cells:] + fields[:-cells])


def bare(child: str) -> bytes:
    return f"{GOOD}{child}\n".encode("latin-1")


HOSTILE = {
    "wrong grade": bare(CHILD.replace(";7;0702;", ";12A;0702;")),
    "impossible birth date": bare(CHILD.replace("17/11/2011", "31/02/2011")),
    "impossible start": bare(CHILD.replace("20/01/2024", "2024")),
    "unknown state": bare(CHILD.replace("MATRICULADO", "CANARINA CANARIOSKI")),
    "no key": bare(CHILD.replace("9876543", "").replace("1107998877", "")),
    "key from Excel": bare(CHILD.replace("9876543", "9.87E+06")),
    "a name for a key": bare(CHILD.replace("9876543", "CANARINA")),
    "document for a grade": bare(CHILD.replace(";7;0702;", ";1107998877;0702;")),
    "first name for a grade": bare(CHILD.replace(";7;0702;", ";ANA;0702;")),
    "short row": bare(";".join(CHILD.split(";")[:30])),
    "long row": bare(f"{CHILD};CANARINA;1107998877"),
    "separator in the address": bare(CHILD.replace("CALLE CANARIA 14", "CALLE;CANARIA 14")),
    **{f"shifted {cells}": bare(shifted(cells)) for cells in range(1, 43)},
    "tab inside": bare(CHILD.replace("CANARINA", "CANA\tRINA")),
    "null inside": bare(CHILD.replace("CANARINA", "CANA\0RINA")),
    "control characters": bare(CHILD.replace("CANARINA", "CANA\x07\x1bRINA")),
    "open quote": bare(CHILD.replace("CANARINA", '"CANARINA')),
    "quotes at random": bare(CHILD.replace("A", '"')),
    "formula": bare(CHILD.replace("CANARINA", '=HYPERLINK("x")')),
    "missing key columns": GOOD.replace("PER_ID", "X").replace(";DOC;", ";Y;").encode("latin-1"),
    "missing grade column": GOOD.replace("GRADO_COD", "X").encode("latin-1"),
    "no header": "\n".join(GOOD.splitlines()[1:]).encode("latin-1"),
    "header of names": f"CANARINA;CANARIOSKI;1107998877\n{CHILD}\n".encode(),
    "shuffled lower-case titles": text([CANARIES], sorted(DETALLADO_43)).lower().encode("latin-1"),
    "repeated titles": f"{HEADER};PER_ID;PER_ID\n{CHILD};1;2\n".encode("latin-1"),
    "header only": f"{HEADER}\n".encode("latin-1"),
    "empty": b"",
    "spaces": b" \n \r\n\t\n",
    "only nulls": b"\0" * 500,
    "binary": bytes(range(256)) * 40,
    "truncated last line": GOOD.encode("latin-1")[:-90],
    "truncated in the header": GOOD.encode("latin-1")[:100],
    "unknown header": b"A;B;C\n1;2;3\nCANARINA;CANARIOSKI;1107998877\n",
    "one column": b"CANARINA\nCANARIOSKI\n",
    "half utf-8": GOOD.encode("utf-8")[:-40] + b"\xc3",
    "utf-8 after BOM of utf-16": b"\xff\xfe" + GOOD.encode("utf-8"),
    "a cell of a million": bare(CHILD.replace("CANARINA", "X" * 1_000_000)),
    "mixed separators": bare(CHILD.replace(";", ",")),
    "web page": f"<html><body>CANARINA {CANARIES['DOC']}</body></html>\n".encode() * 3,
    "damaged 6A": annex([{"PER_ID": "9876543", "GRADO": "CANARINA", " NOMBRE1": "CANARINA"}]).encode("latin-1"),
    "damaged attendance": b"PER_ID;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE\n9876543;CANARINA;1107998877;ANA\n",
    "damaged marks": b"ANO;PER_ID;PERIODO;AREA;NOTA;FECHA\nANA;9876543;;CANARINA;1107998877;CANARIOSKI\n",
    "damaged forms": b"PER_ID;FECHA;JEFATURA_HOGAR;TAMANO_HOGAR;TRABAJA\n9876543;ANA;CANARINA;1107998877;ANA\n",
    "damaged strategies": b"PER_ID;NOMBRE_ESTRATEGIA;ID_ESTRATEGIA;FECHA_INICIO_ESTRATEGIA_ALUMNO\nANA;;1;CANARINA\n",
    "damaged simpade": b"ANO;CODIGO_DANE;CODIGO_DANE_SEDE;PER_ID;FECHA_REPORTE\nANA;x;y;CANARINA;1107998877\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_file_loses_no_row_and_tells_no_secret(tmp_path, name):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=HOSTILE[name])
    report = secretariat.ingest()
    sentences = [problem.sentence() for problem in report.problems] + [str(report.as_json())]
    for secret in SECRETS:
        assert not [told for told in sentences if re.search(rf"\b{re.escape(secret)}", told, re.IGNORECASE)], secret
    assert all("\n" not in sentence for sentence in sentences[:-1])
    assert report.problems or report.quarantined == 0


REFUSED = {
    "wrong grade": ("grado-ilegible", 7, 1),
    "impossible birth date": ("nacimiento-ilegible", 7, 1),
    "no key": ("sin-persona", 7, 1),
    "short row": ("campos-de-mas-o-de-menos", 7, 1),
    "long row": ("campos-de-mas-o-de-menos", 7, 1),
    "truncated last line": ("campos-de-mas-o-de-menos", 6, 1),
    "missing key columns": ("faltan-columnas", None, 5),
    "unknown header": ("encabezado-desconocido", None, 2),
    "empty": ("vacio", None, 0),
    "binary": ("no-es-texto", None, 0),
}


@pytest.mark.parametrize(("name", "told"), REFUSED.items())
def test_what_is_wrong_is_told_with_its_row_and_set_aside(tmp_path, name, told):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=HOSTILE[name])
    report = secretariat.ingest()
    assert (report.problems[0].rule, report.problems[0].row, report.quarantined) == told


def test_quarantine_keeps_the_row_its_number_and_its_reason_where_only_the_owner_reads(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=HOSTILE["wrong grade"], otro__csv=HOSTILE["short row"])
    secretariat.ingest()
    path = tmp_path / "quarantine" / "2024-03-01" / "detallado.csv.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    title, row = path.read_text("utf-8").splitlines()
    assert title == "fila,columna,regla,mensaje,huella,fila_original"
    assert row.startswith("7,GRADO_COD,grado-ilegible,") and "CANARINA" in row.rsplit(",", 1)[1]
    message = row.split(",", 3)[3].rsplit(",", 1)[0]
    assert "CANARINA" not in message and "«12A»" in message


def test_a_row_that_a_spreadsheet_would_run_is_made_harmless_in_quarantine(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=f"{HEADER}\n=cmd|x!A1\n".encode())
    secretariat.ingest()
    assert ",'=cmd|x!A1" in (tmp_path / "quarantine" / "2024-03-01" / "detallado.csv.csv").read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["..%2f..%2fx.csv", "a b;c|d.csv", "ñandú $(x).csv", "." * 3 + "x.csv", "x" * 200 + ".csv"]
)
def test_whatever_a_file_is_called_its_quarantine_stays_in_its_folder(tmp_path, name):
    secretariat = Secretariat(tmp_path)
    folder = secretariat.drop("2024-03-01", ok__csv=GOOD)
    (folder / name).write_bytes(HOSTILE["short row"])
    secretariat.ingest()
    kept = {path.parent for path in tmp_path.rglob("*.csv")}
    assert kept <= {folder, tmp_path / "quarantine" / "2024-03-01"}


def test_a_corrected_file_empties_its_quarantine(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=HOSTILE["wrong grade"])
    secretariat.ingest()
    secretariat.drop("2024-03-01", detallado__csv=GOOD)
    assert secretariat.ingest().quarantined == 0
    assert not list((tmp_path / "quarantine").rglob("*.csv"))


def test_a_thousand_bad_rows_are_told_in_few_lines_and_kept_all(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of(range(1000), GRADO_COD="12A")))
    report = secretariat.ingest()
    assert report.quarantined == sum(problem.times for problem in report.problems) == 1000
    assert len(report.problems) == 21


@cache
def small() -> bytes:
    return text([*rows_of(range(3)), CANARIES]).encode("latin-1")


PUT = [b";", b'"', b"\n", b"\r", b"\0", b"\t", b",", b"\xff", b"\xef\xbb\xbf", b"x" * 50]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A small Detallado with bytes changed, cut out, doubled or put in."""
    data = bytearray(small())
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data) - 1))
        end = start + draw(st.integers(0, 60))
        way = draw(st.sampled_from(["put", "cut", "double", "flip"]))
        if way == "put":
            put = draw(
                st.sampled_from([b";", b'"', b"\n", b"\r", b"\0", b"\t", b",", b"\xff", b"\xef\xbb\xbf", b"x" * 50])
            )
            data[start:start] = put
        elif way == "cut" and end - start < len(data):
            del data[start:end]
        elif way == "double":
            data[start:start] = data[start:end]
        else:
            data[start] ^= draw(st.integers(1, 255))
    return bytes(data)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_however_its_bytes_are_damaged_every_row_is_accepted_or_set_aside(data):
    reading = read_content(Content("x.csv", data), date(2024, 3, 1), NO_KEY)
    assert reading.rows.height + reading.refusals.height == reading.rows_in
    assert reading.refusals["message"].str.len_chars().min() != 0
    told = " ".join([problem.sentence() for problem in reading.problems] + reading.refusals["message"].to_list())
    assert not [secret for secret in ("CANARIOSKI", "CANARINA", "1107998877", "9876543") if secret in told]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=mutated(), again=mutated())
def test_damaged_exports_one_after_another_never_break_the_archive(tmp_path_factory, data, again):
    secretariat = Secretariat(tmp_path_factory.mktemp("city"))
    secretariat.drop("2024-03-01", detallado__csv=data)
    secretariat.drop("2024-03-08", detallado__csv=again)
    secretariat.drop("2024-03-15", detallado__csv=small())
    secretariat.ingest()
    before = secretariat.bytes_of_archive()
    secretariat.ingest(today=TODAY)
    assert secretariat.bytes_of_archive() == before


def test_the_rows_of_a_file_are_its_lines_after_the_header_that_say_something():
    reading = read_content(Content("x.csv", bare(";" * 42 + "\n\n   \n" + CHILD)), date(2024, 3, 1), NO_KEY)
    assert reading.rows_in == 6
    assert ROSA["DANE"] in reading.rows["institution_id"].to_list()
