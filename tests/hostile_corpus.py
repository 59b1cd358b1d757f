"""Damaged files as secretariats really send them, made up by the hundred: every class with the sentence it earns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Literal

from made_up_exports import ANNEX_6A, DETALLADO_43, annex, rows_of, text

CANARIES = {
    "PER_ID": "9876543",
    "DOC": "1107998877",
    "APELLIDO1": "CANARIOSKI",
    "APELLIDO2": "DECANARIAS",
    "NOMBRE1": "CANARINA",
    "NOMBRE2": "ANA",
    "BARRIO": "CALLE CANARIA 14",
    "CORREO": "canarina@canario.co",
    "FECHA_NACIMIENTO": "17/11/2011",
}
SECRETS = [*CANARIES.values(), "canari"]
CHILD = text([CANARIES]).splitlines()[1]
HEADER = ";".join(DETALLADO_43)
GOOD = text([*rows_of(range(4)), CANARIES])
EACH = 13
"""Files of most classes."""

Loss = Literal["none", "some", "all"]


@dataclass(frozen=True)
class Damage:
    """One class: its files, the rule and words that tell of it, and how many of the rows are set aside."""

    rule: str
    says: str
    loss: Loss
    files: tuple[bytes, ...]


def damage(rule: str, says: str, loss: Loss, files: Iterable[str | bytes]) -> Damage:
    return Damage(rule, says, loss, tuple(map(written, files)))


def written(file: str | bytes) -> bytes:
    """As SIMAT writes it, where its letters reach."""
    if isinstance(file, bytes):
        return file
    try:
        return file.encode("latin-1")
    except UnicodeEncodeError:
        return file.encode()


def cells(column: str, values: Iterable[str], rule: str, says: str, loss: Loss = "some") -> Damage:
    """A Detallado in which one child, here or there, has something odd in a column."""
    files = (text(_placed({**CANARIES, column: value}, n)) for n, value in enumerate(values))
    return damage(rule, says, loss, files)


def _placed(row: dict[str, str], n: int) -> list[dict[str, str]]:
    others = rows_of(range(3 + n % 4))
    others.insert(n % (len(others) + 1), row)
    return others


def odd_lines(rule: str, says: str, change: Callable[[str, Random], str]) -> Damage:
    """A Detallado in which the child's line is changed as a whole."""
    lines = GOOD.splitlines()[:-1]
    draws = [Random(n) for n in range(EACH)]
    return damage(rule, says, "some", ("\n".join([*lines, change(CHILD, draw), lines[1], ""]) for draw in draws))


def _cut(line: str, draw: Random) -> str:
    fields = line.split(";")
    return ";".join(fields[: draw.randrange(2, len(fields))])


def _lengthened(line: str, draw: Random) -> str:
    return line + ";CANARINA" * draw.randrange(2, 40)


def _split_cell(line: str, draw: Random) -> str:
    return line.replace("CALLE CANARIA 14", ";".join(["CALLE", "CANARIA", "14", "B"][: draw.randrange(2, 5)]))


def _other_separator(line: str, draw: Random) -> str:
    return line.replace(";", draw.choice([",", "\t", "|", ":", "^"]))


def _open_quote(line: str, draw: Random) -> str:
    tail = "\n".join(f"CANARINA {n}" for n in range(draw.randrange(1, 30)))
    return line.replace("CANARINA", f'"CANARINA\n{tail}')


def _enormous(line: str, draw: Random) -> str:
    return line.replace("CANARINA", draw.choice(["X", "CANARINA ", '"', ";", "Ñ", "9"]) * draw.randrange(10**5, 10**6))


def _footer(_: str, draw: Random) -> str:
    return draw.choice(
        ["TOTAL 5 REGISTROS", "Fuente: SIMAT", "CANARINA CANARIOSKI", "1107998877"]
    ) + " " * draw.randrange(9)


def without(columns: Iterable[str], table: str = GOOD) -> str:
    """The file with columns that have another title."""
    titles, _, body = table.partition("\n")
    return ";".join("X" if title in columns else title for title in titles.split(";")) + "\n" + body


PIECES = [
    b";",
    b'"',
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\t",
    b",",
    b"|",
    b"\xff",
    b"\xef\xbb\xbf",
    b"x" * 50,
    b'"\n',
    b";;;;",
]


def mangled(draw: Random, data: bytes) -> bytes:
    """Bytes put in, cut out, doubled or flipped, a few times."""
    for _ in range(draw.randint(1, 6)):
        start = draw.randrange(len(data) + 1)
        end = start + draw.randrange(60)
        way = draw.randrange(4)
        middle = (draw.choice(PIECES), b"", data[start:end] * 2, bytes([draw.randrange(256)]))[way]
        data = data[:start] + middle + data[end if way in (1, 2) else start + (way == 3) :]
    return data


NAMES = [
    "CANARINA",
    "ANA",
    "CANARINA CANARIOSKI",
    "1107998877",
    "9876543",
    "canarina@canario.co",
    "?",
    "#N/A",
    "-",
    "NULL",
]
ODD_NUMBERS = [
    "1.2E+10",
    "9.87E+06",
    "1,1E+09",
    "-5",
    "0x1F",
    "½",
    "٣",
    "1/2",
    "12;3".replace(";", ":"),
    "9" * 16,
    "1 2 3",
]
IMPOSSIBLE = [
    *["31/02/2011", "30/02/2012", "2011-02-31", "00/00/0000", "32/01/2011", "11/13/2011", "2011/31/12", "1/1/11"],
    *["17 de noviembre", "noviembre", "17-NOV-2011", "201111170", "17/11", "#####"],
]
WEEKS = "PER_ID;CODIGO_DANE_SEDE;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE\n"
MARKS = "ANO;PER_ID;CODIGO_DANE_SEDE;PERIODO;AREA;NOTA;FECHA\n"
FORMS = "PER_ID;FECHA;JEFATURA_HOGAR;TAMANO_HOGAR;EDUCACION_ACUDIENTE;TRABAJA;MINUTOS_A_LA_SEDE;DESPLAZADO;INTERNET\n"
SUPPORTS = "PER_ID;ID_ESTRATEGIA;NOMBRE_ESTRATEGIA;TIPO_ESTRATEGIA;FECHA_INICIO_ESTRATEGIA_ALUMNO\n"


def rows(header: str, row: str, values: Iterable[str]) -> list[str]:
    """Files of another kind: one good row, and one with something odd at the mark."""
    return [
        f"{header}{row.replace('@', good)}\n{row.replace('@', odd)}\n" for good, odd in (v.split("~") for v in values)
    ]


def attendance(rule: str, says: str, odd: Iterable[str]) -> Damage:
    return damage(rule, says, "some", rows(WEEKS, "9876543;176001000018;@", [f"26/02/2024;5;1~{o}" for o in odd]))


def noise(n: int) -> bytes:
    return Random(n).randbytes(200 + 97 * n)


OTHER_ARCHIVES = (b"Rar!\x1a\7", b"7z\xbc\xaf\x27\x1c", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")

TABLES: dict[str, Damage] = {
    "nothing in it": damage(
        "vacio", "está vacío", "none", [b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"\0" * 99, b";;;\n" * 3]
    ),
    "bytes at random": damage("no-es-texto", "no es texto", "none", map(noise, range(EACH))),
    "pictures and documents": damage(
        "no-es-texto",
        "el archivo es un",
        "none",
        [
            head + noise(5)
            for head in (b"%PDF-1.7\n", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"{\\rtf1", b"\x7fELF")
        ],
    ),
    "other kinds of archive": damage(
        "no-es-texto",
        "un archivo comprimido .",
        "none",
        [
            *(head + noise(6) for head in OTHER_ARCHIVES),
            b"a.csv".ljust(257, b"\0") + b"ustar\x0000" + noise(6),
        ],
    ),
    "a web page called .xls": damage(
        "no-es-texto",
        "una página web",
        "none",
        [
            f"{head}<table><tr><td>CANARINA {n}</td></tr></table>"
            for n in range(3)
            for head in ("<html>", " <!DOCTYPE html>", "<HTML><body>", "")
        ],
    ),
    "a workbook in XML": damage(
        "no-es-texto",
        "XML",
        "none",
        [
            f'<?xml version="1.0"?><Workbook xmlns="{space}"><Cell>CANARINA</Cell></Workbook>'
            for space in ("urn:schemas-microsoft-com:office:spreadsheet", "x")
        ],
    ),
    "JSON": damage(
        "no-es-texto", "un archivo JSON", "none", ['{"PER_ID": "CANARINA"}', '[{"a": 1}]', "[[1,2]]", '\n{ "a": []}']
    ),
    "a table of the open format by itself": damage(
        "no-es-texto", "Parquet", "none", [b"PAR1" + noise(n) for n in range(3)]
    ),
    "titles of nothing we know": damage(
        "encabezado-desconocido",
        "no se reconoce el encabezado",
        "all",
        [
            f"{s.join(['A', 'B', 'NOMBRE', 'EDAD'][: 2 + n % 3])}\n{s.join(NAMES[: 2 + n % 3])}\n"
            for n in range(4)
            for s in ";,|\t"
        ],
    ),
    "no titles": damage(
        "encabezado-desconocido", "no se reconoce", "all", ["\n".join(GOOD.splitlines()[k:]) for k in range(1, 5)]
    ),
    "without its key columns": damage(
        "faltan-columnas",
        "faltan columnas de",
        "all",
        [
            *(
                without(gone)
                for gone in (["ANO"], ["ESTADO"], ["DANE"], ["GRADO_COD"], ["PER_ID", "DOC"], ["ANO", "DANE"])
            ),
            *(
                without(gone, annex([CANARIES]))
                for gone in (["ANO_INF"], ["CODIGO_DANE"], ["GRADO"], ["PER_ID", "NRO_DOCUMENTO"])
            ),
            *(without(gone, WEEKS + "1;2;3;4;5\n") for gone in (["DIAS_PROGRAMADOS"], ["SEMANA"], ["PER_ID"])),
        ],
    ),
    "titles and no row": damage(
        "sin-filas",
        "el encabezado y ninguna fila",
        "none",
        [
            HEADER,
            HEADER + "\n\n",
            ";".join(ANNEX_6A),
            *(head + tail for head in (WEEKS, MARKS, FORMS, SUPPORTS) for tail in ("", " \n", ";;;;\n")),
        ],
    ),
    "words above the titles": damage(
        "lineas-antes",
        "líneas antes del encabezado",
        "none",
        ["\n".join(["SECRETARÍA DE EDUCACIÓN", "", *["CANARINA; CANARIOSKI"] * n]) + f"\n{GOOD}" for n in range(EACH)],
    ),
    "titles again in the middle": damage(
        "año-ilegible",
        "un año de cuatro cifras",
        "some",
        ["\n".join([*GOOD.splitlines()[: 2 + n], HEADER, *GOOD.splitlines()[2 + n :]]) for n in range(4)],
    ),
    "more columns than any export": damage(
        "demasiado", "columnas", "none", [";".join(f"A{k}" for k in range(1001 + n)) for n in range(4)]
    ),
    "a first line without end": damage("demasiado", "la primera línea", "none", [letter * 300_000 for letter in "X9Ñ"]),
    "cut off in a row": damage(
        "campos-de-mas-o-de-menos", "mismos campos", "some", [GOOD[: -30 - 7 * n] for n in range(EACH)]
    ),
    "short lines": odd_lines("campos-de-mas-o-de-menos", "mismos campos", _cut),
    "long lines": odd_lines("campos-de-mas-o-de-menos", "mismos campos", _lengthened),
    "a separator inside a cell": odd_lines("campos-de-mas-o-de-menos", "mismos campos", _split_cell),
    "a line in another dialect": odd_lines("campos-de-mas-o-de-menos", "mismos campos", _other_separator),
    "a quote that never closes": odd_lines("campos-de-mas-o-de-menos", "mismos campos", _open_quote),
    "a sum or a source at the foot": odd_lines("campos-de-mas-o-de-menos", "mismos campos", _footer),
    "a cell of a million letters": odd_lines("celda-enorme", "más larga que cualquier fila", _enormous),
    "null characters": damage(
        "caracteres-nulos",
        "caracteres nulos, que se quitaron",
        "none",
        [GOOD.replace("ROSAL", "ROS" + "\0" * n + "AL") for n in range(1, EACH)],
    ),
    "letters damaged on the way": damage(
        "letras-dañadas",
        "letras dañadas",
        "none",
        [
            GOOD.replace("ROSALBINA", "MUÑOZ ÁÉÍÓÚ ÑÑÑ").encode().replace(b"QUINTERO", b"QUI\xffNTE" + b"RO" * n, 1)
            for n in range(1, 5)
        ],
    ),
    "letters written twice over": damage(
        "letras-dañadas",
        "codificadas dos veces",
        "none",
        [
            GOOD.replace("ROSALBINA", name).encode().decode(as_if).encode()
            for name in ("PEÑA", "NIÑO MUÑOZ", "SOFÍA Ñ")
            for as_if in ("latin-1",)
        ],
    ),
    "no child to speak of": damage(
        "sin-persona",
        "PER_ID, o tipo y número de documento",
        "some",
        [text(_placed({"PER_ID": "", "DOC": doc}, n)) for n, doc in enumerate(["", " ", "CANARINA", "?", "-"])],
    ),
    "a number after a visit to a spreadsheet": cells(
        "PER_ID", ["1.2E+10", "9.87E+06", "1,1E+09", "9.8765E6"], "persona-ilegible", "se acepta un número entero"
    ),
    "a name for a number": cells(
        "PER_ID",
        ["CANARINA", "ANA", "-5", "9" * 16, "98 76", "½", "٣٤", "9876543A"],
        "persona-ilegible",
        "se acepta un número entero",
    ),
    "a grade there is not": cells(
        "GRADO_COD", [*NAMES, "12A", "14", "-9", "99999", "7,5"], "grado-ilegible", "se acepta un grado de"
    ),
    "a year there is not": cells(
        "ANO", [*NAMES, "24", "1899", "2024-1", "20240"], "año-ilegible", "se acepta un año de cuatro cifras"
    ),
    "a state there is not": cells("ESTADO", [*NAMES, "ACTIVO?", "99"], "estado-ilegible", "se acepta"),
    "a birthday that never was": cells(
        "FECHA_NACIMIENTO", [*IMPOSSIBLE, *NAMES], "nacimiento-ilegible", "se acepta una fecha"
    ),
    "a beginning that never was": cells(
        "FECHAINI", [*IMPOSSIBLE, *NAMES], "fecha-inicio-ilegible", "se acepta una fecha"
    ),
    "an age no student has": cells(
        "FECHA_NACIMIENTO",
        ["17/11/1901", "17/11/2023", "01/01/2024", "31/12/1970"],
        "edad-imposible",
        "una edad de",
        "none",
    ),
    "a name for a group": cells(
        "GRUPO", ["CANARINA", "ANA LUZ", "1107998877", "PROFE ANA"], "grupo-ilegible", "el código del grupo", "none"
    ),
    "a stratum there is not": cells(
        "ESTRATO", ["CANARINA", "ESTRATO 8", "77"], "estrato-ilegible", "estrato 0 a 6", "none"
    ),
    "a Sisbén there is not": cells(
        "SISBEN IV", ["CANARINA", "Z9", "E1", "A1B2"], "sisben-ilegible", "A1 a D21", "none"
    ),
    "a shift there is not": cells(
        "JORNADA", ["CANARINA", "ANA", "LUNES", "88"], "jornada-ilegible", "se acepta", "none"
    ),
    "a school code that cannot be found": damage(
        "dane-ilegible",
        "el código DANE de 12 dígitos",
        "some",
        [
            text(_placed({**CANARIES, "DANE": code, "CODIGO_DANE_SEDE": "", "CONSECUTIVO": ""}, n))
            for n, code in enumerate([*NAMES[:3], *ODD_NUMBERS])
        ],
    ),
    "the wrong cells in a 6A": damage(
        "grado-ilegible",
        "se acepta un grado de",
        "some",
        [annex([*rows_of([1, 2]), {"PER_ID": "9876543", "GRADO": odd, " NOMBRE1": "CANARINA"}]) for odd in NAMES],
    ),
    "a week that is no date": attendance(
        "semana-ilegible", "se acepta una fecha", [f"{odd};5;1" for odd in [*NAMES[:5], *IMPOSSIBLE[:8]]]
    ),
    "a week to come": attendance(
        "semana-futura", "una semana ya empezada", [f"{day};5;1" for day in ("26/02/2031", "2099-01-05", "09/12/2024")]
    ),
    "days that are no number": attendance(
        "programados-ilegible", "de 0 a 7 días", [f"26/02/2024;{odd};1" for odd in [*NAMES[:5], *ODD_NUMBERS[4:6]]]
    ),
    "more absences than days": attendance(
        "mas-ausencias-que-dias", "no más días ausente", [f"26/02/2024;{n};{n + m}" for n in range(5) for m in (1, 2)]
    ),
    "more days than a week has": attendance(
        "days-expected-no-permitido", "de 0 a 7", [f"26/02/2024;{n};1" for n in (8, 30, 365)]
    ),
    "a mark there is not": damage(
        "nota-ilegible",
        "se acepta",
        "some",
        rows(
            MARKS,
            "2024;9876543;X;1;MATEMÁTICAS;@;01/03/2024",
            [f"2,5~{odd}" for odd in ["9", "-1", "5.01", "CANARINA", "A+", "1107998877"]],
        ),
    ),
    "a form without a date": damage(
        "fecha-ilegible",
        "se acepta una fecha",
        "some",
        rows(
            FORMS,
            "9876543;@;MADRE;4;PRIMARIA;NO;25;NO;SI",
            [f"01/03/2024~{odd}" for odd in [*NAMES[:4], *IMPOSSIBLE[:8]]],
        ),
    ),
}
"""Files of text, told by what is wrong in them."""
