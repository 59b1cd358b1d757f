"""A file is read whatever its separator, its encoding, its quotes and its layout."""

import gzip
import io
import zipfile

import pytest
from made_up_exports import (
    ANNEX_6A,
    ANNEX_6A_2017,
    DETALLADO_43,
    DETALLADO_54,
    ROSA,
    Secretariat,
    annex,
    rows_of,
    text,
)

from features.sources.compression import MOST_BYTES, Content, unpack
from features.sources.detection import detect
from features.sources.text_table import ROW, key_of, read_text

THREE = text([*rows_of([1, 2]), {"PER_ID": "1000003", "BARRIO": "EL PEÑÓN"}])

DIALECTS = {
    "as SIMAT writes it": THREE.encode("latin-1"),
    "windows-1252": THREE.replace("TERRON", "TERRON – 1").encode("cp1252"),
    "utf-8": THREE.encode(),
    "utf-8 with BOM": b"\xef\xbb\xbf" + THREE.encode(),
    "utf-16 as Excel saves": THREE.encode("utf-16"),
    "comma": THREE.replace(";", ",").encode("latin-1"),
    "tab": THREE.replace(";", "\t").encode("latin-1"),
    "pipe": THREE.replace(";", "|").encode("latin-1"),
    "windows line ends": THREE.replace("\n", "\r\n").encode("latin-1"),
    "old line ends": THREE.replace("\n", "\r").encode("latin-1"),
    "no last line end": THREE.rstrip("\n").encode("latin-1"),
    "blank lines": THREE.replace("\n", "\n\n").encode("latin-1"),
    "rows of separators": (THREE + ";" * 42 + "\n").encode("latin-1"),
    "a separator too many at each end": THREE.replace("\n", ";\n").encode("latin-1"),
    "all quoted": "\n".join(";".join(f'"{cell}"' for cell in line.split(";")) for line in THREE.splitlines()).encode(
        "latin-1"
    ),
    "lower-case titles": THREE.replace(";".join(DETALLADO_43), ";".join(DETALLADO_43).lower()).encode("latin-1"),
    "titles with spaces": THREE.replace(";NOMBRE1;", "; NOMBRE1 ;").encode("latin-1"),
    "gzip": gzip.compress(THREE.encode("latin-1")),
    "null characters": THREE.replace("TERRON", "TER\0RON").encode("latin-1"),
}


@pytest.mark.parametrize("data", DIALECTS.values(), ids=DIALECTS)
def test_the_same_export_in_any_dialect_gives_the_same_archive(tmp_path, data):
    told = Secretariat(tmp_path / "told")
    told.drop("2024-03-01", detallado__csv=data)
    plain = Secretariat(tmp_path / "plain")
    plain.drop("2024-03-01", detallado__csv=DIALECTS["as SIMAT writes it"])
    assert told.ingest().as_json()["accepted"] == plain.ingest().accepted == 3
    assert told.table("enrolment").equals(plain.table("enrolment"))
    assert told.table("person").equals(plain.table("person"))


def test_columns_in_another_order_and_columns_of_others_change_nothing(tmp_path):
    shuffled = [*reversed(DETALLADO_43), "GRUPO ETARIO", "FOCALIZACION"]
    one, other = Secretariat(tmp_path / "one"), Secretariat(tmp_path / "other")
    one.drop("2024-03-01", a__csv=text(rows_of([1, 2])))
    other.drop("2024-03-01", a__csv=text(rows_of([1, 2]), shuffled))
    one.ingest()
    other.ingest()
    assert one.table("enrolment").equals(other.table("enrolment"))
    assert one.table("person").equals(other.table("person"))


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (DETALLADO_43, "detallado"),
        (DETALLADO_54, "detallado"),
        (ANNEX_6A, "anexo_6a"),
        (ANNEX_6A_2017, "anexo_6a"),
        ([*ANNEX_6A, "SECTOR", "COMUNA SEDE"], "anexo_6a"),
        (["PER_ID", "CODIGO_DANE_SEDE", "SEMANA", "DIAS_PROGRAMADOS", "DIAS_AUSENTE"], "inasistencia"),
        (["ANO", "PER_ID", "CODIGO_DANE_SEDE", "PERIODO", "AREA", "NOTA", "FECHA"], "valoracion"),
        (["PER_ID", "FECHA", "JEFATURA_HOGAR", "TAMANO_HOGAR", "TRABAJA", "INTERNET"], "caracterizacion"),
        (["ANO", "CODIGO_DANE", "CODIGO_DANE_SEDE", "PER_ID", "GRADO_COD", "SECTOR", "FECHA_REPORTE"], "simpade"),
        ([*ANNEX_6A, "ID_ESTRATEGIA", "NOMBRE_ESTRATEGIA", "TIPO_ESTRATEGIA"], "anexo_13a"),
        ([*ANNEX_6A[:20], "NOMBRE_ESTRATEGIA", "ID_ESTRATEGIA", "TIPO_ESTRATEGIA", "PER_ID"], "anexo_13a"),
    ],
)
def test_a_file_is_known_by_its_titles(columns, kind):
    layout = detect([key_of(column) for column in columns])
    assert layout is not None and layout.name == kind


@pytest.mark.parametrize("columns", [["A", "B"], [], ["NOMBRE", "EDAD", "GRADO"], ROSA.values()])
def test_titles_of_nothing_we_know_are_not_taken_for_something(columns):
    assert detect([key_of(column) for column in columns]) is None


def fields(data: str) -> list[list[str | None]]:
    table = read_text(Content("f", data.encode()))
    return [list(row) for row in table.rows.drop(ROW).rows()]


QUOTES = [
    ('"x;y";2;3', [["x;y", "2", "3"]]),
    ('"x ""y""";2;3', [['x "y"', "2", "3"]]),
    ('5" pipe;2;3', [['5" pipe', "2", "3"]]),
    ('"open;2;3', [["open", "2", "3"]]),
    ('"two\nlines";2;3', [["two\nlines", "2", "3"]]),
    ('"open;2;3\n4;5;6\n"shut;8;9', [["open", "2", "3"], ["4", "5", "6"], ["shut", "8", "9"]]),
    ('1;2;"3"x\n4;5;6', [["1", "2", "3x"], ["4", "5", "6"]]),
]


@pytest.mark.parametrize(("body", "rows"), QUOTES)
def test_quotes_right_or_wrong_never_swallow_a_row(body, rows):
    assert fields(f"a;b;c\n{body}\n") == rows


def test_a_row_keeps_the_number_of_its_line_in_the_file():
    table = read_text(Content("f", b"\n\na;b\n1;2\n\n3\n4;5\n"))
    assert (table.rows[ROW].to_list(), table.misfits[ROW].to_list()) == ([4, 7], [6])
    assert table.line(6) == "3"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_every_file_of_a_zip_is_read(tmp_path):
    secretariat = Secretariat(tmp_path)
    data = zipped(**{"uno.csv": text(rows_of([1])).encode("latin-1"), "dos.txt": annex(rows_of([2])).encode("latin-1")})
    secretariat.drop("2024-03-01", todo__zip=data)
    report = secretariat.ingest()
    assert [(file.file, file.source, file.accepted) for file in report.files] == [
        ("2024-03-01/todo.zip/uno.csv", "detallado", 1),
        ("2024-03-01/todo.zip/dos.txt", "anexo_6a", 1),
    ]


BOMBS = {
    "a gzip that grows": gzip.compress(b"0" * 50_000_000),
    "a zip that grows": zipped(a=b"0" * 50_000_000),
    "a zip of many": zipped(**{f"f{number}": b"a;b" for number in range(201)}),
    "a zip in a zip": zipped(a=zipped(b=b"a;b")),
    "a workbook": zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
    "half a zip": zipped(a=b"a;b\n1;2")[:40],
    "half a gzip": gzip.compress(b"a;b\n1;2\n" * 500)[:20],
    "an old workbook": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_a_compressed_file_that_is_not_to_be_trusted_is_refused_in_a_sentence(data):
    opened = unpack(Content("f", data))
    assert opened.contents == ()
    assert [problem.rule for problem in opened.problems] == ["archivo-cerrado"]
    assert "Guarde el archivo como texto" in opened.problems[0].sentence()


def test_a_zip_that_lies_about_its_size_is_read_no_further_than_is_allowed():
    data = bytearray(zipped(a=b"0" * 50_000_000))
    directory = data.rfind(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    assert unpack(Content("f", bytes(data))).contents == ()
    assert MOST_BYTES <= 200 * 1024 * 1024


def test_a_workbook_is_told_how_to_be_saved(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__xlsx=BOMBS["a workbook"])
    assert "guárdelo como CSV" in secretariat.ingest().problems[0].sentence()
