"""Passwords: what makes one good enough, and how it is kept so that nobody can read it back."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 200
READ_AT_MOST = 72  # what zxcvbn looks at; a longer phrase is judged by its beginning
GUESSES = 1e10  # fewer, and a stolen database would give it away in an afternoon
EXPECTED_WORDS = [
    "contraseña", "contrasena", "clave", "permanencia", "secretaria", "secretaría", "educacion", "educación",
    "colegio", "escuela", "institucion", "rector", "rectoria", "coordinador", "docente", "maestro", "profesor",
    "cobertura", "estudiante", "alumno", "matricula", "simat", "simpade", "colombia", "bogota", "medellin", "cali",
    "cucuta", "barranquilla", "valle", "antioquia", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio",
    "agosto", "septiembre", "octubre", "noviembre", "diciembre", "lunes", "martes", "miercoles", "jueves", "viernes",
    "sabado", "domingo",
]  # fmt: skip

# The first choice of OWASP's cheat sheet: 46 MiB and one pass, on one core, so that many may sign in on Monday.
HASHES = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=47_104, parallelism=1),))


def what_is_wrong(password: str, name: str) -> str | None:
    """The sentence for whoever chose it, or None. Length and guessability count; kinds of characters do not."""
    if len(password) < SHORTEST:
        return f"La contraseña debe tener al menos {SHORTEST} caracteres. Una frase de cuatro palabras sirve."
    if len(password) > LONGEST:
        return f"La contraseña puede tener hasta {LONGEST} caracteres."
    from zxcvbn import zxcvbn  # type: ignore[import-untyped] # its lists of words are read when they are needed

    own = [name, *name.replace("-", ".").replace("_", ".").split(".")]
    if zxcvbn(password[:READ_AT_MOST], user_inputs=[*EXPECTED_WORDS, *own])["guesses"] < GUESSES:
        return "Esa contraseña se adivina pronto: es común o sigue un patrón. Use varias palabras sin relación."
    return None


def kept(password: str) -> str:
    return HASHES.hash(password)


def matches(password: str, hashed: str | None) -> bool:
    """Takes as long for an account that does not exist, so that the time tells nobody which ones do."""
    right = HASHES.verify(password[:LONGEST], hashed or _of_nobody())
    return right and hashed is not None


@cache
def _of_nobody() -> str:
    return HASHES.hash("nadie entra con esta")
