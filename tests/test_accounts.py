"""Accounts: good passwords, second steps that work once, few tries, invitations used once, and sessions that end."""

from __future__ import annotations

import re
import statistics
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from drawn_lists import BY, ESPERANZA
from sqlalchemy import select, update

from serving import account_enrolment, account_entry, account_factors, account_limits, account_passwords
from serving import account_sessions as kept_sessions
from serving.account_door import Door
from serving.account_entry import Entered, Try
from serving.account_invitations import NOT_VALID, accept, invite, reset
from serving.account_limits import TooManyTries
from serving.account_sessions import Session, Stage
from serving.account_tables import accounts, attempts, invitations, recovery_codes, sessions
from serving.account_tokens import tokens_of
from serving.database import By, Database
from serving.faults import Missing, WrongUsage
from serving.people import Person, Role, add_person, issue_token, reach_of, remove_person
from serving.settings import Settings
from serving.tables import audit, people

MONDAY = BY.at
PHRASE = "lluvia tarde bicicleta"
ROOM = "192.0.2.7"
SECRET = "Zk3-hX9_qLw7Rt2Vb8Ny5Md1Pc6Gf4Js"


HASHED = account_passwords.kept(PHRASE)


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Door:
    """A production door: who sees names proves twice who they are."""
    return Door.of(Settings(home=tmp_path / "h", second_factor=True), database)


@pytest.fixture
def rosa(door: Door) -> str:
    """A data scientist: a password alone is enough for pseudonyms."""
    return with_password(door, "rosa", Role.DATA_SCIENTIST)


def with_password(door: Door, name: str, role: Role) -> str:
    add_person(door.database, Person(name, role, reach_of([ESPERANZA])), BY)
    with door.database.writing(BY, "x", "x") as (connection, _):
        connection.execute(update(accounts).where(accounts.c.person == name).values(password=HASHED))
    return name


def at(seconds: float = 0, address: str = ROOM) -> Try:
    return Try(address, MONDAY + timedelta(seconds=seconds))


def found(door: Door, entered: Entered | None, seconds: float = 0) -> Session:
    assert entered is not None
    session = kept_sessions.find(door.database, entered.key, MONDAY + timedelta(seconds=seconds))
    assert session is not None
    return session


def lines(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as connection:
        return [
            (row.thing, row.action, f"{row.by} {row.detail}")
            for row in connection.execute(select(audit).order_by(audit.c.id))
        ]


# Passwords


@pytest.mark.parametrize(
    "password",
    ["", "corta", "x" * 11, "contraseña2026", "password12345", "qwertyuiop123", "aaaaaaaaaaaaaaaa", "secretaria2026",
     "abcdefghijklmn", "rosa.mina.rosa.mina", "Permanencia123", "1234567890123456"],
)  # fmt: skip
def test_a_password_that_is_short_or_soon_guessed_is_refused_with_a_sentence(password: str) -> None:
    reason = account_passwords.what_is_wrong(password, "rosa.mina")

    assert reason is not None and reason.endswith(".") and (not password or password not in reason)


@pytest.mark.parametrize("password", [PHRASE, "tres tristes tigres", "ñandú sábana 7 kiwi", "x7Kq2-vB9mZw4"])
def test_a_long_phrase_is_good_whatever_letters_it_has(password: str) -> None:
    assert account_passwords.what_is_wrong(password, "rosa.mina") is None


def test_a_password_is_kept_as_argon2_and_only_itself_opens() -> None:
    hashed = account_passwords.kept(PHRASE)

    assert hashed.startswith("$argon2id$") and PHRASE not in hashed
    assert account_passwords.matches(PHRASE, hashed)
    assert not account_passwords.matches(PHRASE + " ", hashed)
    assert not account_passwords.matches("nadie entra con esta", None)


# Signing in


def test_the_right_password_signs_in_and_every_wrong_one_looks_the_same(door: Door, rosa: str) -> None:
    with_password(door, "luis", Role.DATA_SCIENTIST)
    remove_person(door.database, "luis", BY)

    assert found(door, account_entry.with_password(door, " Rosa ", PHRASE, at())).complete
    for name, password in (("rosa", "otra frase larga"), ("luis", PHRASE), ("nadie", PHRASE), ("", "")):
        assert account_entry.with_password(door, name, password, at(address=f"198.51.100.{len(name)}")) is None


def test_good_and_bad_tries_leave_a_line_and_what_was_typed_stands_in_none(door: Door, rosa: str) -> None:
    account_entry.with_password(door, rosa, PHRASE, at())
    account_entry.with_password(door, rosa, "otra frase larga", at())
    account_entry.with_password(door, "mi clave por error", "x", at())

    told = [line for line in lines(door.database) if line[1].startswith("sign_in")]
    assert [line[:2] for line in told] == [
        ("rosa", "sign_in"),
        ("rosa", "sign_in_failed"),
        ("desconocido", "sign_in_failed"),
    ]
    assert not re.search(r"mi clave|otra frase|192\.0\.2", str(lines(door.database)))


def test_nobody_learns_from_the_time_taken_whether_an_account_exists(door: Door, rosa: str) -> None:
    spent: dict[str, list[float]] = {"rosa": [], "nadie": []}
    account_passwords.matches("calienta", None)
    for turn in range(15):
        for name, taken in spent.items():
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(account_limits, "PER_ACCOUNT", 1000)
                patched.setattr(account_limits, "PER_ADDRESS", 1000)
                start = time.process_time()
                account_entry.with_password(door, name, f"frase equivocada {turn}", at())
                taken.append(time.process_time() - start)

    there, absent = (statistics.median(taken) for taken in spent.values())
    assert abs(there - absent) < 0.010, (there, absent)


# Few tries


def test_a_fourth_try_at_an_account_waits_even_with_the_right_password_and_ten_minutes_later_it_does_not(
    door: Door, rosa: str
) -> None:
    for turn in range(3):
        assert account_entry.with_password(door, rosa, "otra frase larga", at(turn, f"192.0.2.{turn}")) is None

    with pytest.raises(TooManyTries) as waits:
        account_entry.with_password(door, rosa, PHRASE, at(10, "192.0.2.9"))

    assert 580 <= waits.value.seconds <= 600
    assert account_entry.with_password(door, rosa, PHRASE, at(601, "192.0.2.9")) is not None


def test_an_account_that_does_not_exist_has_as_few_tries(door: Door) -> None:
    for _ in range(3):
        account_entry.with_password(door, "nadie", "x", at())

    with pytest.raises(TooManyTries):
        account_entry.with_password(door, "nadie", "x", at())


def test_a_sixth_try_from_one_address_waits_whatever_the_account(door: Door, rosa: str) -> None:
    for turn in range(5):
        account_entry.with_password(door, f"nadie{turn}", "x", at())

    with pytest.raises(TooManyTries):
        account_entry.with_password(door, rosa, PHRASE, at())
    assert account_entry.with_password(door, rosa, PHRASE, at(address="198.51.100.1")) is not None


def test_good_tries_are_not_counted_and_a_try_that_had_to_wait_does_not_lengthen_the_wait(
    door: Door, rosa: str
) -> None:
    for turn in range(8):
        assert account_entry.with_password(door, rosa, PHRASE, at(turn)) is not None
    for turn in range(3):
        account_entry.with_password(door, rosa, "x", at(turn))
    for turn in range(20, 500, 60):
        with pytest.raises(TooManyTries):
            account_entry.with_password(door, rosa, PHRASE, at(turn))

    assert account_entry.with_password(door, rosa, PHRASE, at(603)) is not None


def test_workers_that_try_at_once_never_get_more_than_the_limit_together(door: Door, rosa: str) -> None:
    looked: list[int] = []
    ready = threading.Barrier(8)

    def attempt(turn: int) -> None:
        ready.wait()
        try:
            account_limits.claim(door, rosa, f"203.0.113.{turn}", MONDAY)
            looked.append(turn)
        except TooManyTries:
            pass

    threads = [threading.Thread(target=attempt, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(looked) <= 3
    with door.database.reading() as connection:
        assert len(connection.execute(select(attempts)).all()) == len(looked)


def test_neither_a_name_nor_an_address_is_kept_of_a_try(door: Door, rosa: str) -> None:
    account_entry.with_password(door, rosa, "x", at())

    with door.database.reading() as connection:
        (row,) = connection.execute(select(attempts)).all()
    assert "rosa" not in str(row) and ROOM not in str(row)


# The second step


@pytest.fixture
def ana(door: Door) -> tuple[str, str, list[str]]:
    """A coverage worker with a telephone: name, its secret, and the codes on paper."""
    name = with_password(door, "ana", Role.COVERAGE)
    session = found(door, account_entry.with_password(door, name, PHRASE, at(-3600)), -3600)
    assert session.stage is Stage.ENROL and session.pending is not None
    secret = door.unlock(session.pending)
    done = account_enrolment.confirm(door, session, code_at(secret, -3600), at(-3600))
    assert done is not None and done[0].stage is Stage.COMPLETE
    return name, secret, done[1]


def code_at(secret: str, seconds: float = 0) -> str:
    return pyotp.TOTP(secret).at(MONDAY + timedelta(seconds=seconds))


def half_way(door: Door, name: str, seconds: float = 0) -> Session:
    session = found(door, account_entry.with_password(door, name, PHRASE, at(seconds)), seconds)
    assert session.stage is Stage.CODE
    return session


@pytest.mark.parametrize("role", Role)
def test_a_second_step_is_asked_of_each_role_that_sees_names_or_manages_people(door: Door, role: Role) -> None:
    session = found(door, account_entry.with_password(door, with_password(door, "luz", role), PHRASE, at()))

    alone = role in (Role.DATA_SCIENTIST, Role.AUDITOR)
    assert session.stage is (Stage.COMPLETE if alone else Stage.ENROL)


def test_the_code_of_the_telephone_completes_the_session_under_a_new_key(
    door: Door, ana: tuple[str, str, list[str]]
) -> None:
    before = half_way(door, ana[0])

    after = found(door, account_entry.with_code(door, before, code_at(ana[1]), at()))

    assert after.complete and after.digest != before.digest
    with door.database.reading() as connection:
        left = connection.execute(select(sessions.c.digest).where(sessions.c.stage == "code")).all()
    assert left == []


@pytest.mark.parametrize(("seconds", "good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_code_is_good_for_its_half_minute_and_its_neighbours(
    door: Door, ana: tuple[str, str, list[str]], seconds: int, good: bool
) -> None:
    entered = account_entry.with_code(door, half_way(door, ana[0]), code_at(ana[1], seconds), at())

    assert (entered is not None) == good


def test_a_code_is_good_once_also_one_that_was_seen_over_a_shoulder(
    door: Door, ana: tuple[str, str, list[str]]
) -> None:
    code = code_at(ana[1])
    assert account_entry.with_code(door, half_way(door, ana[0]), code, at()) is not None

    assert account_entry.with_code(door, half_way(door, ana[0], 5), code, at(5)) is None
    assert account_entry.with_code(door, half_way(door, ana[0], 8), code_at(ana[1], -30), at(8)) is None


def test_a_code_from_paper_is_good_once_however_it_is_written(door: Door, ana: tuple[str, str, list[str]]) -> None:
    name, _, codes = ana
    assert len(set(codes)) == 10

    assert account_entry.with_code(door, half_way(door, name), codes[0].lower().replace("-", " "), at()) is not None
    assert account_entry.with_code(door, half_way(door, name, 1), codes[0], at(1)) is None
    assert account_entry.with_code(door, half_way(door, name, 2), codes[1], at(2)) is not None


def test_codes_may_be_guessed_as_rarely_as_passwords(door: Door, ana: tuple[str, str, list[str]]) -> None:
    session = half_way(door, ana[0])
    for turn in range(3):
        account_entry.with_code(door, session, f"00000{turn}", at(turn))

    with pytest.raises(TooManyTries):
        account_entry.with_code(door, session, code_at(ana[1]), at(4))


def test_the_secret_and_the_codes_lie_in_the_database_only_locked(door: Door, ana: tuple[str, str, list[str]]) -> None:
    with door.database.reading() as connection:
        kept = str([connection.execute(table.select()).all() for table in (accounts, sessions, recovery_codes, audit)])

    assert ana[1] not in kept
    assert not [code for code in ana[2] if code in kept or code.replace("-", "") in kept]


def test_another_key_does_not_open_the_secrets_and_the_old_one_beside_it_does(
    door: Door, ana: tuple[str, str, list[str]], tmp_path: Path
) -> None:
    from base64 import urlsafe_b64encode

    from cryptography.fernet import Fernet

    new, old = Fernet.generate_key().decode(), urlsafe_b64encode((tmp_path / "h" / "account.key").read_bytes()).decode()
    home = tmp_path / "h"
    alone = Door.of(Settings(home=home, second_factor=True, account_key=new), door.database)
    both = Door.of(Settings(home=home, second_factor=True, account_key=f"{new},{old}"), door.database)

    with pytest.raises(Missing, match="PERMANENCIA_ACCOUNT_KEY"):
        account_entry.with_code(alone, half_way(alone, ana[0]), code_at(ana[1]), at())
    assert account_entry.with_code(both, half_way(both, ana[0], 5), code_at(ana[1]), at(5)) is not None


def test_the_square_holds_the_secret_and_carries_neither_style_nor_script() -> None:
    drawn = account_factors.picture(pyotp.random_base32(), "ana")

    assert drawn.startswith("<svg") and "<path" in drawn
    assert not re.search(r"style=|<script|http|xmlns|onload", drawn)


# Invitations


def test_an_invitation_sets_the_password_once_and_signs_in(door: Door) -> None:
    add_person(door.database, Person("rosa", Role.DATA_SCIENTIST), BY)
    code = invite(door.database, "rosa", BY)

    done = accept(door, code, PHRASE, MONDAY)

    assert isinstance(done, Entered) and found(door, done).complete
    assert accept(door, code, PHRASE, MONDAY) == NOT_VALID
    assert account_entry.with_password(door, "rosa", PHRASE, at()) is not None


def test_an_invitation_ends_after_a_week_with_the_next_one_and_with_the_account(door: Door) -> None:
    add_person(door.database, Person("rosa", Role.DATA_SCIENTIST), BY)
    first = invite(door.database, "rosa", BY)
    second = invite(door.database, "rosa", BY)

    assert accept(door, first, PHRASE, MONDAY) == NOT_VALID
    assert accept(door, second, PHRASE, MONDAY + timedelta(days=7)) == NOT_VALID
    remove_person(door.database, "rosa", BY)
    assert accept(door, second, PHRASE, MONDAY) == NOT_VALID


def test_a_bad_password_leaves_the_invitation_as_it_was_and_its_text_is_kept_nowhere(door: Door) -> None:
    add_person(door.database, Person("rosa", Role.DATA_SCIENTIST), BY)
    code = invite(door.database, "rosa", BY)

    assert "12 caracteres" in str(accept(door, code, "corta", MONDAY))
    with door.database.reading() as connection:
        assert code not in str(connection.execute(select(invitations)).all())
    assert isinstance(accept(door, code, PHRASE, MONDAY), Entered)


def test_a_reset_takes_password_telephone_paper_sessions_and_tokens_away(
    door: Door, ana: tuple[str, str, list[str]]
) -> None:
    name = ana[0]
    entered = account_entry.with_code(door, half_way(door, name), code_at(ana[1]), at())
    issue_token(door.database, name, BY)

    code = reset(door.database, name, By("cli:x", MONDAY))

    assert entered is not None and kept_sessions.find(door.database, entered.key, MONDAY) is None
    assert account_entry.with_password(door, name, PHRASE, at()) is None
    with door.database.reading() as connection:
        assert tokens_of(connection, name, MONDAY) == [] and connection.execute(select(recovery_codes)).all() == []
    done = accept(door, code, "otra frase bien larga", MONDAY)
    assert isinstance(done, Entered) and done.stage is Stage.ENROL


def test_nobody_can_be_invited_who_is_not_there(door: Door) -> None:
    for ask in (invite, reset):
        with pytest.raises(WrongUsage, match="no existe"):
            ask(door.database, "nadie", BY)


# Sessions


@pytest.fixture
def session_key(door: Door, rosa: str) -> str:
    entered = account_entry.with_password(door, rosa, PHRASE, at())
    assert entered is not None
    return entered.key


def alive(door: Door, key: str, seconds: float) -> bool:
    moment: datetime = MONDAY + timedelta(seconds=seconds)
    session = kept_sessions.find(door.database, key, moment)
    if session:
        kept_sessions.note_seen(door.database, session, moment)
    return session is not None


def test_a_session_ends_after_an_hour_of_rest(door: Door, session_key: str) -> None:
    assert alive(door, session_key, 3600)
    assert alive(door, session_key, 7200)
    assert not alive(door, session_key, 7200 + 3601)


def test_a_session_ends_after_half_a_day_however_busy(door: Door, session_key: str) -> None:
    assert all(alive(door, session_key, minute * 60) for minute in range(0, 720, 45))
    assert not alive(door, session_key, 12 * 3600 + 1)


def test_a_session_that_waits_for_its_second_step_ends_after_ten_minutes(
    door: Door, ana: tuple[str, str, list[str]]
) -> None:
    entered = account_entry.with_password(door, ana[0], PHRASE, at())
    assert entered is not None

    assert kept_sessions.find(door.database, entered.key, MONDAY + timedelta(minutes=10)) is not None
    assert kept_sessions.find(door.database, entered.key, MONDAY + timedelta(minutes=10, seconds=1)) is None


def test_every_session_of_a_person_can_be_ended_and_the_key_lies_nowhere(
    door: Door, rosa: str, session_key: str
) -> None:
    other = account_entry.with_password(door, rosa, PHRASE, at())
    with door.database.reading() as connection:
        assert session_key not in str(connection.execute(select(sessions)).all())

    assert kept_sessions.end_all(door.database, rosa, BY) == 2
    assert not alive(door, session_key, 1) and other is not None and not alive(door, other.key, 1)


def test_a_new_password_ends_every_other_session_and_a_closed_account_ends_all(
    door: Door, rosa: str, session_key: str
) -> None:
    here = found(door, account_entry.with_password(door, rosa, PHRASE, at()))

    assert account_entry.change_password(door, here, "otra frase bien larga", MONDAY, tokens_too=False) is None
    assert not alive(door, session_key, 1)
    with door.database.writing(BY, "x", "x") as (connection, _):
        connection.execute(update(people).values(active=False))
    assert account_entry.with_password(door, rosa, "otra frase bien larga", at()) is None
