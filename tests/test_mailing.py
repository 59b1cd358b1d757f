"""The weekly e-mail, sent to a real server on this machine: a link, no name, once to each who has news."""

import email
import email.policy
import re
import socket
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller
from drawn_lists import BY, DIAMANTE, ESPERANZA, SECOND_SUNDAY, draw_roster, publish_two_weeks, student
from pydantic import ValidationError
from sqlalchemy import delete, insert, select

from serving import published, roster
from serving.commands.faults import outcome
from serving.delivery_tables import deliveries
from serving.faults import Missing
from serving.mailing import Addressed, deliver, has_news, message
from serving.people import Person, Role, add_person, reach_of, remove_person
from serving.settings import Settings
from serving.tables import audit

STAFF = {
    "ana.cobertura": Person("ana.cobertura", Role.COVERAGE),
    "esperanza": Person("esperanza", Role.SCHOOL, reach_of([ESPERANZA])),
    "sin.correo": Person("sin.correo", Role.SCHOOL, reach_of([DIAMANTE])),
    "ciencia": Person("ciencia", Role.DATA_SCIENTIST),
    "administra": Person("administra", Role.ADMIN),
}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@dataclass
class Letterbox:
    """What arrives at a server that speaks the real protocol; some addresses it wants nothing for."""

    came: list = field(default_factory=list)
    unwanted: set = field(default_factory=set)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - the library's name
        if address in self.unwanted:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.came.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"

    @property
    def letters(self):
        return [email.message_from_string(content, policy=email.policy.default) for _, content in self.came]

    @property
    def addresses(self):
        return sorted(address for addresses, _ in self.came for address in addresses)


@pytest.fixture
def letterbox():
    box = Letterbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    box.port = server.port
    yield box
    server.stop()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def mail_settings(tmp_path, port, **told):
    where = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    ours = {"smtp_from": "permanencia@secretaria.example", "public_url": "https://permanencia.example/"}
    return Settings(home=tmp_path / "h", **where | ours | told)


@pytest.fixture
def settings(tmp_path, letterbox):
    return mail_settings(tmp_path, letterbox.port)


@pytest.fixture
def database(database):
    publish_two_weeks(database)
    roster.upsert(database, draw_roster(), BY)
    for name, person in STAFF.items():
        add_person(database, person, BY, None if name == "sin.correo" else f"{name}@colegio.example")
    return database


def sent(database, settings, day=None):
    return deliver(database, settings, day, BY, lambda: BY.at)


def test_each_reader_of_names_with_news_and_an_address_gets_one_letter(database, settings, letterbox):
    done = sent(database, settings)

    assert letterbox.addresses == ["ana.cobertura@colegio.example", "esperanza@colegio.example"]
    assert (done.sent, done.without_address, done.refused) == (2, 1, 0)
    assert all(len(addresses) == 1 for addresses, _ in letterbox.came)


def test_a_letter_carries_the_week_and_a_link_and_nothing_of_a_child(database, settings, letterbox):
    sent(database, settings)
    text = "".join(f"{letter['Subject']} {letter.get_content()}" for letter in letterbox.letters)

    assert "semana del lunes 13 de mayo de 2024" in text
    assert set(re.findall(r"https?://\S+", text)) == {f"https://permanencia.example/lista?dia={SECOND_SUNDAY}"}
    names = [word for row in draw_roster().iter_rows() for word in row if isinstance(word, str) and len(word) > 3]
    assert not [word for word in names if word.lower() in text.lower()]
    assert not re.search(r"[0-9a-f]{16}", text) and student(1) not in text


def test_running_it_again_sends_nothing_twice(database, settings, letterbox):
    first = [sent(database, settings).sent for _ in range(3)]

    assert first == [2, 0, 0]
    assert len(letterbox.came) == 2


def test_an_address_that_the_server_refuses_keeps_nobody_else_from_theirs_and_is_tried_again(
    database, settings, letterbox
):
    letterbox.unwanted = {"ana.cobertura@colegio.example"}
    first = sent(database, settings)
    letterbox.unwanted = set()
    second = sent(database, settings)

    assert (first.sent, first.refused, second.sent, second.before) == (1, 1, 1, 1)
    assert "rechazó 1" in first.sentence()
    assert len(letterbox.came) == 2


def test_a_server_that_does_not_answer_is_something_missing_and_loses_no_letter(
    database, settings, letterbox, tmp_path
):
    with pytest.raises(Missing, match="no atendió") as told:
        sent(database, mail_settings(tmp_path, free_port()))

    assert outcome(told.value)[0] == 5
    assert "@" not in str(told.value)
    assert sent(database, settings).sent == 2


def test_a_run_that_stopped_half_way_is_told_and_not_repeated(database, settings, letterbox):
    with database.writing(BY, "test", "x") as (connection, _):
        id = published.publication_for(connection, None).id
        connection.execute(insert(deliveries).values(publication_id=id, person="esperanza", begun_at=1))

    done = sent(database, settings)

    assert (done.sent, done.unfinished) == (1, 1)
    assert letterbox.addresses == ["ana.cobertura@colegio.example"]


def test_who_left_and_who_has_no_news_get_none(database, settings, letterbox, monkeypatch):
    remove_person(database, "ana.cobertura", BY)
    monkeypatch.setattr("serving.mailing.has_news", lambda *told: False)

    done = sent(database, settings)

    assert (done.sent, done.nothing_new) == (0, 1)
    assert letterbox.came == []


def test_news_is_somebody_who_entered_or_left_within_ones_own_reach(database):
    with database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        told = {
            name: has_news(connection, publication, person) for name, person in STAFF.items() if name != "administra"
        }
        nowhere = has_news(connection, publication, Person("otra", Role.SCHOOL, reach_of(["176001999999"])))

    assert told["esperanza"] and told["ana.cobertura"]
    assert not nowhere


def test_every_letter_leaves_its_line_without_the_address(database, settings, letterbox):
    sent(database, settings)

    with database.reading() as connection:
        lines = connection.execute(select(audit.c.thing, audit.c.detail).where(audit.c.action == "deliver")).all()
    assert [line.detail for line in lines] == ["2 avisos", "aviso a ana.cobertura", "aviso a esperanza"]
    assert all(line.thing.startswith(f"list:{SECOND_SUNDAY}") for line in lines)


def test_the_same_letter_always_has_the_same_mark(database, settings, letterbox):
    with database.reading() as connection:
        publication = published.publication_for(connection, None)
    one = [message(settings, publication, Addressed(STAFF[name], "a@b.example")) for name in ("esperanza", "ciencia")]

    assert one[0]["Message-ID"] != one[1]["Message-ID"]
    assert one[0]["Message-ID"].endswith("@secretaria.example>")
    sent(database, settings)
    with database.writing(BY, "test", "x") as (connection, _):
        connection.execute(delete(deliveries))
    sent(database, settings)
    marks = [re.search(r"(?m)^Message-ID: (.*)$", content)[1] for _, content in letterbox.came]
    assert len(marks) == 4 and len(set(marks)) == 2


def test_without_a_server_or_a_list_the_sentence_says_what_is_missing(database, settings, tmp_path):
    with pytest.raises(Missing, match="PERMANENCIA_SMTP_HOST"):
        sent(database, Settings(home=tmp_path / "h"))
    with pytest.raises(Missing, match="run-week"):
        sent(database, settings, SECOND_SUNDAY.replace(year=2020))


@pytest.mark.parametrize(
    "told",
    [
        {"smtp_host": "correo.example"},
        {"smtp_from": ""},
        {"public_url": "http://permanencia.example"},
        {"public_url": ""},
        {"smtp_security": "ssl"},
    ],
)
def test_mail_that_could_be_read_on_its_way_or_that_leads_nowhere_is_refused(tmp_path, told):
    with pytest.raises(ValidationError):
        mail_settings(tmp_path, 25, **told)
