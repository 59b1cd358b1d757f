"""Says a file's name in a message without repeating what may be a child's name or number."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date
from pathlib import PurePosixPath

LONGEST = 60

_WORDS_OF_EXPORTS = """
detallado alumnos alumno anexo anexos simat simpade caracterizacion inasistencia asistencia valoracion visitas
visita notas desertores desercion estrategias matricula matriculas matriculados reporte reportes plano consolidado
corte copia final nuevo nueva viejo corregido definitivo version export exports exportacion datos base archivo
archivos libro hoja sheet municipio secretaria educacion institucion instituciones oficial oficiales privado
privados urbano urbana rural norte sur este oeste centro oriente occidente comuna zona sede sedes colegio semana mes
ano primero segundo tercero periodo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
diciembre lunes martes miercoles jueves viernes sabado domingo uno dos tres cuatro cinco seis todo todos otro otra
sueltos leame del los las con sin por csv txt tsv gz zip xlsx xls ods parquet json pdf md html xml enrolment person
characterisation attendance progress support institution calendar visit link datapackage registered dropout
"""
_KNOWN = frozenset(_WORDS_OF_EXPORTS.split())
_NAMES_TOO = frozenset({"abril", "julio", "domingo"})
_WORDS = re.compile(r"[^\W\d_]+|\d+|[\W_]", re.DOTALL)
_PLAIN = frozenset(" ._-()")


def told(name: str) -> str:
    """The name with every word that exports do not use left out, and then a mark that tells it from others."""
    printable = name.encode(errors="replace").decode()
    words = _WORDS.findall(unicodedata.normalize("NFC", printable))
    doubtful = not all(map(_says_nobody, words))
    kept = "".join(
        word if _says_nobody(word) and not (doubtful and word.lower() in _NAMES_TOO) else "…" for word in words
    )
    kept = re.sub(r"…[… ._-]*(?=…)", "", kept)
    if kept == printable and len(kept) <= LONGEST:
        return kept
    return _marked(kept, name)


def _marked(kept: str, name: str) -> str:
    """What is left of a name, and a mark by which its file can be told from others of which as much is left."""
    suffix = PurePosixPath(kept).suffix
    mark = hashlib.blake2b(name.encode(errors="surrogateescape"), digest_size=4).hexdigest()
    return f"{kept.removesuffix(suffix)[: LONGEST - 20]}~{mark}{suffix[:10]}"


def told_path(path: str) -> str:
    """The names on the way to a file inside a .zip; where it wants to be put is nobody's concern."""
    parts = [part for part in re.split(r"[/\\]", path) if part not in ("", ".", "..")]
    way = "/".join(told(part) for part in parts[-3:]) or "archivo"
    return way if "/".join(parts[-3:]) == path else _marked(way, path)


def _says_nobody(word: str) -> bool:
    if word.isdigit():
        return word.isascii() and (len(word) <= 4 or len(word) == 12 or _is_date(word))
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", word.lower()) if letter.isalpha())
    return word in _PLAIN or (word.isalpha() and (len(word) <= 2 or plain in _KNOWN))


def _is_date(digits: str) -> bool:
    """20240304 and 202403 are days and months; any other six or eight digits may be a document."""
    if len(digits) not in (6, 8) or not digits.startswith("20"):
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:] or 1))
    except ValueError:
        return False
    return True
