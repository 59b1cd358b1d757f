"""The second step: a code from the person's own telephone, and ten codes on paper for when it is lost."""

from __future__ import annotations

import hmac
import io
import secrets
from datetime import datetime

import pyotp
import segno
from sqlalchemy import Connection, delete, insert, select, update

from serving.account_door import Door
from serving.account_tables import accounts, recovery_codes

STEP = 30  # seconds, as every authenticator expects
ISSUER = "Permanencia escolar"
CODES = 10
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another on paper


def begun(door: Door) -> str:
    """A secret nobody has read yet, locked."""
    return door.lock(pyotp.random_base32())


def picture(secret: str, name: str) -> str:
    """The square that a telephone reads, as SVG without style or script."""
    drawn = io.BytesIO()
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, scale=4, border=4, light="#fff", omitsize=True, title=None
    )
    return drawn.getvalue().decode()


def spaced(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Which half minute this code belongs to: now, the one before or the one after; None when to no such one."""
    now, told = int(at.timestamp()) // STEP, code.replace(" ", "")
    steps = (now - 1, now, now + 1)
    return next((step for step in steps if hmac.compare_digest(_code(secret, step).encode(), told.encode())), None)


def _code(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def accept(connection: Connection, door: Door, name: str, code: str, at: datetime) -> bool:
    """A code of the telephone, or one from paper; each is good once, also for two who send it together."""
    locked = connection.execute(select(accounts.c.factor).where(accounts.c.person == name)).scalar()
    step = step_of(door.unlock(locked), code, at) if locked else None
    if step is not None:
        unused = (accounts.c.person == name) & (accounts.c.factor_step < step)
        return connection.execute(update(accounts).where(unused).values(factor_step=step)).rowcount == 1
    paper = recovery_codes.c
    same = (paper.person == name) & (paper.digest == _paper_digest(door, name, code))
    return connection.execute(delete(recovery_codes).where(same)).rowcount == 1


def set_factor(connection: Connection, door: Door, name: str, secret: str, step: int) -> list[str]:
    """From now on this telephone counts, and no other; gives the codes for paper, shown this once."""
    values = {"factor": door.lock(secret), "factor_step": step}
    connection.execute(update(accounts).where(accounts.c.person == name).values(**values))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.person == name))
    codes = [_paper_code() for _ in range(CODES)]
    rows = [{"person": name, "digest": _paper_digest(door, name, code)} for code in codes]
    connection.execute(insert(recovery_codes), rows)
    return codes


def forget_factor(connection: Connection, name: str) -> None:
    connection.execute(update(accounts).where(accounts.c.person == name).values(factor=None, factor_step=0))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.person == name))


def _paper_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(12))
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def _paper_digest(door: Door, name: str, code: str) -> str:
    return door.keyed("recovery", name, "".join(code.upper().split()).replace("-", ""))
