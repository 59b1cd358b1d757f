"""The words that may be said of a child, and those that may not: nothing that blames, labels or foretells."""

import re
import unicodedata

MOST_WORDS = 20

BANNED = (
    r"caus(a|as|an|o|ado|ada|ar|ara)",
    r"provoc(a|an|o|ado|ada|ar)",
    r"por culpa de",
    r"culp(a|as|able|ables)",
    r"debido a",
    r"va a (desertar|abandonar|dejar|irse|retirarse|fracasar)",
    r"desert(o|or|ora|ores|oras|ara|aran)",
    r"fracas(o|ado|ada|ara)",
    r"vag(o|a)",
    r"perezos(o|a)",
    r"problematic(o|a)",
    r"delincuentes?",
    r"irresponsables?",
    r"alto riesgo",
    r"(rojo|amarillo|verde)",
    r"seguramente",
    r"sin duda",
)
PATTERN = re.compile(r"\b(" + "|".join(BANNED) + r")\b")


def banned_words(sentence: str) -> list[str]:
    return [match.group(0) for match in PATTERN.finditer(plain(sentence))]


def plain(sentence: str) -> str:
    """Lower case, without accents: a banned word is banned with and without its accent."""
    letters = unicodedata.normalize("NFKD", sentence.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def word_count(sentence: str) -> int:
    return len(re.findall(r"[^\W_]+(?:[./:,-][^\W_]+)*", sentence))


def faults(sentence: str) -> list[str]:
    """What is wrong with a sentence, in Spanish; empty when it may be shown."""
    told = [f"palabra no permitida: {word}" for word in banned_words(sentence)]
    if word_count(sentence) > MOST_WORDS:
        told.append(f"{word_count(sentence)} palabras; se admiten {MOST_WORDS}")
    if not sentence.strip():
        told.append("está vacía")
    if "{" in sentence or "}" in sentence:
        told.append("quedó una llave sin llenar")
    return told


def after_weeks(weeks: int) -> str:
    """The span of a chance, in words that agree: «en la semana siguiente», «en las 4 semanas siguientes»."""
    return "en la semana siguiente" if weeks == 1 else f"en las {weeks} semanas siguientes"
