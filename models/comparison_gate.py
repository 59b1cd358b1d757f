"""The gate between a version and the one it would replace: no worse on the same Mondays, and never uncompared."""

from models.beside import judged_beside
from models.candidate import Candidate, number

QUESTION = ("horizon_weeks", "absent_weeks")


def below_the_one_in_use(candidate: Candidate, in_use: Candidate | None, may_lose: float) -> list[str]:
    """Both on the same Mondays, with the same visits: figures of other weeks compare nothing, and are asked for."""
    if in_use is None or not alike(candidate, in_use):
        return []
    told = beside(candidate, in_use)
    if told is None:
        return [not_compared(candidate, in_use)]
    own, other, low, high = told
    if own is None or other is None or own >= other - may_lose:
        return []
    sure = "" if low is None else f"; la diferencia está entre {number(low)} y {number(high)}"
    return [f"En las mismas semanas su precisión en el cupo ({number(own)}) es menor que la de la versión en uso "
            f"({number(other)}{sure}); se admite perder {number(may_lose)}."]  # fmt: skip


def alike(candidate: Candidate, in_use: Candidate) -> bool:
    """Whether both say the chance of the same thing from the same features. If not there is nothing to compare: the one
    in use can no longer make this archive's list, or somebody has decided on another question.
    """
    asked = [{one.tags[name] for one in (candidate, in_use) if name in one.tags} for name in QUESTION]
    return candidate.fingerprint == in_use.fingerprint and all(len(told) < 2 for told in asked)


def beside(candidate: Candidate, in_use: Candidate) -> tuple[float | None, ...] | None:
    """Own precision, the other's, and the ends of their difference; None where they were never judged together."""
    paired = judged_beside(candidate.figures, in_use.seal) if in_use.seal else {}
    if paired:
        return tuple(paired.get(f"precision{end}") for end in ("", "_other", "_low", "_high"))
    if not same_weeks(candidate, in_use):
        return None
    return (*(one.figure("model", "precision_at_capacity") for one in (candidate, in_use)), None, None)


def not_compared(candidate: Candidate, in_use: Candidate) -> str:
    told = f"No se ha comparado con la versión en uso ({in_use.version}) en las mismas semanas."
    if candidate.judged_days is None:
        return f"{told} Entrene una versión nueva."
    first, last = candidate.judged_days
    return (f"{told} Ejecute: permanencia evaluate {candidate.version} --from {first} --to {last} "
            f"--against {in_use.version}; y luego repita la orden.")  # fmt: skip


def same_weeks(one: Candidate, other: Candidate) -> bool:
    days = one.tags.get("test_days")
    counts = [c.figure("model", name) for name in ("rows", "capacity") for c in (one, other)]
    return days is not None and days == other.tags.get("test_days") and counts[0::2] == counts[1::2]
