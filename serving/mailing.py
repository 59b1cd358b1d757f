"""Tells staff by e-mail that there is a new list: a link and no name, once to each who has news."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from serving import published
from serving.account_tables import accounts
from serving.connecting import one_at_a_time
from serving.database import By, Database
from serving.delivery_tables import deliveries
from serving.faults import Missing
from serving.mail_settings import MailSettings
from serving.people import Person, Role, find_person
from serving.permissions import Action, why_not
from serving.published import Publication, Wanted
from serving.sentences import week_of
from serving.tables import people

PATIENCE = 20.0  # seconds for the server to answer
READERS = (Role.COVERAGE, Role.SUPERVISOR, Role.SCHOOL)
NO_SERVER = "No hay servidor de correo. Defina PERMANENCIA_SMTP_HOST, PERMANENCIA_SMTP_FROM y PERMANENCIA_PUBLIC_URL."
NO_ANSWER = "El servidor de correo no atendió. Revise PERMANENCIA_SMTP_* y repita: a quien ya se le avisó no se repite."
BODY = """\
Ya está publicada la lista de la {week}, con novedades en lo que usted atiende.

Ábrala aquí, con su usuario:
{link}

Este correo no lleva nombres ni datos de estudiantes, y no hace falta responderlo.
Permanencia escolar
"""


@dataclass(frozen=True)
class Delivered:
    publication: str
    sent: int = 0
    before: int = 0  # they know already
    nothing_new: int = 0
    without_address: int = 0
    refused: int = 0  # by the server; tried again the next time
    unfinished: int = 0  # an earlier run stopped half-way: it may have gone out, and is not repeated

    def sentence(self) -> str:
        told = (
            f"Correos enviados: {self.sent}. Ya avisados: {self.before}. Sin novedades: {self.nothing_new}. "
            f"Sin dirección de correo: {self.without_address}."
        )
        refused = f" El servidor rechazó {self.refused}: revise esas direcciones y repita." if self.refused else ""
        doubt = f" Quedaron a medias en otra ocasión, y no se repiten: {self.unfinished}." if self.unfinished else ""
        return told + refused + doubt


@dataclass(frozen=True)
class Addressed:
    person: Person
    email: str


def deliver(
    database: Database, settings: MailSettings, day: date | None, by: By, clock: Callable[[], datetime]
) -> Delivered:
    """Running it again sends nothing twice."""
    if not settings.smtp_host:
        raise Missing(NO_SERVER)
    with database.reading_as(by.context) as connection:
        publication = published.publication_for(connection, day)
        if publication is None:
            raise Missing("No hay una lista publicada para esa fecha. Ejecute: permanencia run-week --day FECHA")
        staff = list(_staff(connection))
        news = [one for one in staff if one.email and has_news(connection, publication, one.person)]
        known = _known(connection, publication.id)
    mine = _claim(database, publication.id, [one for one in news if one.person.name not in known], by)
    sent = _send_all(database, settings, publication, mine, by, clock)
    return Delivered(
        publication.id,
        sent,
        sum(known.get(one.person.name, False) for one in news),
        sum(bool(one.email) for one in staff) - len(news),
        sum(not one.email for one in staff),
        len(mine) - sent,
        sum(not finished for finished in known.values()),
    )


def _staff(connection: Connection) -> Iterator[Addressed]:
    """Who works with children by name; the others find the list when they look for it."""
    roles = [role.value for role in READERS]
    joined = select(people.c.name, accounts.c.email).join_from(people, accounts, isouter=True)
    chosen = joined.where(people.c.active, people.c.role.in_(roles)).order_by(people.c.name)
    for name, email in connection.execute(chosen).all():
        person = find_person(connection, name)
        if person and why_not(person, Action.SEE_LIST) is None:
            yield Addressed(person, email or "")


def has_news(connection: Connection, publication: Publication, person: Person) -> bool:
    """Somebody entered the part of the list that this person sees, or left it."""
    wanted = Wanted(person.reach, city_list_only=person.reach.institutions is None)
    entered = published.counts(connection, publication.id, wanted).entered
    return entered > 0 or bool(published.left_rows(connection, publication.id, wanted))


def _known(connection: Connection, publication_id: str) -> dict[str, bool]:
    """Who was written to about this list, and whether that was finished."""
    here = select(deliveries).where(deliveries.c.publication_id == publication_id)
    return {row.person: row.sent_at is not None for row in connection.execute(here)}


def _claim(database: Database, publication_id: str, wanted: list[Addressed], by: By) -> list[Addressed]:
    """Written down before anything leaves: two runs at once never write to the same person."""
    with database.writing(by, "deliver", f"list:{publication_id}") as (connection, entry):
        one_at_a_time(connection, "deliver")
        known = _known(connection, publication_id)
        mine = [one for one in wanted if one.person.name not in known]
        begun = int(by.at.timestamp())
        rows = [{"publication_id": publication_id, "person": one.person.name, "begun_at": begun} for one in mine]
        if rows:
            connection.execute(insert(deliveries), rows)
        entry.skip, entry.detail = not rows, f"{len(rows)} avisos"
        return mine


def _send_all(
    database: Database,
    settings: MailSettings,
    publication: Publication,
    mine: list[Addressed],
    by: By,
    clock: Callable[[], datetime],
) -> int:
    sent: set[str] = set()
    try:
        with _server(settings, bool(mine)) as server:
            for one in mine:
                if server is not None and _sent(server, message(settings, publication, one)):
                    _note_sent(database, publication.id, one.person.name, by, clock())
                    sent.add(one.person.name)
    except (OSError, smtplib.SMTPException):
        _give_back(database, publication.id, [one.person.name for one in mine if one.person.name not in sent], by)
        raise Missing(NO_ANSWER) from None
    _give_back(database, publication.id, [one.person.name for one in mine if one.person.name not in sent], by)
    return len(sent)


def message(settings: MailSettings, publication: Publication, to: Addressed) -> EmailMessage:
    week = week_of(publication.day)
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.smtp_from, to.email
    mail["Subject"] = f"Lista de la {week}"
    ours = settings.smtp_from.rpartition("@")[2].strip("> ")
    mail["Message-ID"] = f"<{_mark(publication.id, to.person.name)}@{ours}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(BODY.format(week=week, link=f"{settings.public_url.rstrip('/')}/lista?dia={publication.day}"))
    return mail


def _mark(publication_id: str, person: str) -> str:
    """The same letter has the same mark, should it ever arrive twice."""
    return hashlib.blake2b(f"{publication_id}:{person}".encode(), digest_size=12).hexdigest()


@contextmanager
def _server(settings: MailSettings, needed: bool) -> Iterator[smtplib.SMTP | None]:
    if not needed:
        yield None
        return
    with _opened(settings) as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server


def _opened(settings: MailSettings) -> smtplib.SMTP:
    where = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=PATIENCE, context=ssl.create_default_context())
    return smtplib.SMTP(*where, timeout=PATIENCE)


def _sent(server: smtplib.SMTP, mail: EmailMessage) -> bool:
    """False when the server wants nothing for this address; the others still get theirs."""
    try:
        server.send_message(mail)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
        server.rset()
        return False
    return True


def _note_sent(database: Database, publication_id: str, person: str, by: By, at: datetime) -> None:
    with database.writing(by, "deliver", f"list:{publication_id}") as (connection, entry):
        entry.detail = f"aviso a {person}"
        connection.execute(update(deliveries).where(_one(publication_id, person)).values(sent_at=int(at.timestamp())))


def _give_back(database: Database, publication_id: str, names: list[str], by: By) -> None:
    """What did not go out is free for the next run."""
    with database.writing(by, "deliver", f"list:{publication_id}") as (connection, entry):
        entry.skip, entry.detail = not names, f"{len(names)} avisos sin salir"
        for name in names:
            connection.execute(delete(deliveries).where(_one(publication_id, name)))


def _one(publication_id: str, person: str) -> ColumnElement[bool]:
    return (deliveries.c.publication_id == publication_id) & (deliveries.c.person == person)
