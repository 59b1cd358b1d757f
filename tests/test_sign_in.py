"""Signing in on the pages, step by step as a person does it, and what an account offers its owner."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from drawn_lists import BY, MONDAY_MORNING, SECOND_SUNDAY, bearer, draw_home
from sqlalchemy import select
from starlette.testclient import TestClient

from serving.account_invitations import invite
from serving.account_tables import sessions
from serving.app import create_app
from serving.people import Person, Role, add_person, issue_token, revoke_tokens
from serving.service import Service
from serving.settings import Settings

HOUSES = itertools.count()
SAME_SITE = {"origin": "https://testserver"}
PHRASE = "lluvia tarde bicicleta"
ANOTHER = "cometa verano guitarra"
LIST = f"/api/v1/risk-lists/{SECOND_SUNDAY}"


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Visitor:
    """A browser: it keeps cookies, and sends a page's seal back with its forms."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page = ""

    def open(self, path: str) -> int:
        answer = self.client.get(path)
        self.page = answer.text
        return answer.status_code

    def send(self, path: str, **fields: str) -> tuple[int, str | None]:
        seal = re.search(r'name="sello" value="([^"]*)"', self.page)
        told = fields | ({"sello": seal[1]} if seal else {})
        answer = self.client.post(path, data=told, headers=SAME_SITE)
        self.page = answer.text
        return answer.status_code, answer.headers.get("location")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings, _ = draw_home(tmp_path_factory.mktemp("home") / "h", students=12)
    return settings


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY_MORNING)


@pytest.fixture
def service(home: Settings, clock: Clock) -> Iterator[Service]:
    """As in production, where nobody enters with a token."""
    settings = home.model_copy(update={"second_factor": True})
    service: Service = create_app(settings, clock).state.service
    yield service
    service.database.engine.dispose()


@pytest.fixture
def browser(service: Service, clock: Clock) -> Iterator[Callable[[], Visitor]]:
    """Makes as many browsers as asked for, each at an address of its own."""
    app = create_app(service.settings, clock)
    opened: list[TestClient] = []

    def make() -> Visitor:
        place = (f"198.51.100.{next(HOUSES)}", 1)
        opened.append(TestClient(app, "https://testserver", follow_redirects=False, client=place))
        return Visitor(opened[-1])

    yield make
    app.state.service.database.engine.dispose()


@pytest.fixture
def person(service: Service, request: pytest.FixtureRequest) -> tuple[str, str]:
    """A new member of the coverage team, and their invitation."""
    name = f"p{abs(hash(request.node.name)) % 10**10}"
    add_person(service.database, Person(name, Role.COVERAGE), BY)
    return name, invite(service.database, name, BY)


@pytest.fixture
def enrolled(browser: Callable[[], Visitor], person: tuple[str, str], clock: Clock) -> tuple[str, str, Visitor]:
    """The same with password and telephone: name, the telephone's secret, and the browser they are signed in on."""
    visitor = browser()
    assert visitor.send("/invitacion", invitacion=person[1], contrasena=PHRASE, otra_vez=PHRASE) == (
        303,
        "/segundo-paso",
    )
    assert visitor.open("/segundo-paso") == 200
    secret = shown_secret(visitor)
    assert visitor.send("/segundo-paso", codigo=pyotp.TOTP(secret).at(clock.now)) == (200, None)
    clock.now += timedelta(minutes=2)
    return person[0], secret, visitor


def shown_secret(visitor: Visitor) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", visitor.page)
    assert found is not None
    return found[1].replace(" ", "")


def test_from_invitation_to_list_in_two_forms_and_the_paper_codes_are_shown_once(
    enrolled: tuple[str, str, Visitor],
) -> None:
    visitor = enrolled[2]

    assert len(re.findall(r"<li>[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}</li>", visitor.page)) == 10
    assert visitor.open("/lista") == 200 and enrolled[0] in visitor.page
    assert visitor.open("/segundo-paso") == 303


def test_with_password_and_telephone_one_signs_in_and_with_one_of_the_two_sees_nothing(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor], clock: Clock
) -> None:
    visitor = browser()
    assert visitor.send("/entrar", usuario=enrolled[0], contrasena=PHRASE) == (303, "/entrar/codigo")
    half_way = dict(visitor.client.cookies)

    assert visitor.open("/entrar/codigo") == 200
    assert visitor.send("/entrar/codigo", codigo="000000")[0] == 401
    assert "no es válido" in visitor.page
    assert visitor.send("/entrar/codigo", codigo=pyotp.TOTP(enrolled[1]).at(clock.now)) == (303, "/lista")
    assert dict(visitor.client.cookies) != half_way
    assert visitor.open("/lista") == 200


def test_after_both_steps_one_is_where_one_was_going_and_the_address_tells_nothing_of_it(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor], clock: Clock
) -> None:
    visitor = browser()
    asked = f"/lista?dia={SECOND_SUNDAY}&grado=6"
    assert visitor.open(asked) == 303
    assert visitor.open("/entrar") == 200 and "Entre para seguir." in visitor.page
    assert visitor.send("/entrar", usuario=enrolled[0], contrasena="x" * 12)[0] == 401
    assert visitor.send("/entrar", usuario=enrolled[0], contrasena=PHRASE) == (303, "/entrar/codigo")
    visitor.open("/entrar/codigo")

    assert visitor.send("/entrar/codigo", codigo=pyotp.TOTP(enrolled[1]).at(clock.now)) == (303, asked)

    assert visitor.open(asked) == 200
    assert visitor.send("/salir") == (303, "/entrar")
    visitor.open("/entrar")
    assert "Entre para seguir." not in visitor.page


def test_who_sets_up_the_second_step_goes_on_to_where_they_were_going(
    browser: Callable[[], Visitor], person: tuple[str, str], clock: Clock
) -> None:
    visitor = browser()
    visitor.open("/mapa")
    visitor.send("/invitacion", invitacion=person[1], contrasena=PHRASE, otra_vez=PHRASE)
    visitor.open("/segundo-paso")
    visitor.send("/segundo-paso", codigo=pyotp.TOTP(shown_secret(visitor)).at(clock.now))

    assert '<a href="/mapa">Ya los guardé' in visitor.page
    assert visitor.open("/mapa") == 200


@pytest.mark.parametrize("path", ["/lista", "/cuenta", "/segundo-paso", "/lista/descargar?formato=csv"])
def test_half_way_no_page_opens(browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor], path: str) -> None:
    visitor = browser()
    visitor.send("/entrar", usuario=enrolled[0], contrasena=PHRASE)

    assert visitor.open(path) == 303 and PHRASE not in visitor.page


def test_who_must_still_set_up_the_second_step_sees_only_that_page(
    browser: Callable[[], Visitor], person: tuple[str, str]
) -> None:
    visitor = browser()
    visitor.send("/invitacion", invitacion=person[1], contrasena=PHRASE, otra_vez=PHRASE)

    visitor.open("/segundo-paso")
    first = shown_secret(visitor)
    visitor.open("/segundo-paso")

    assert shown_secret(visitor) == first
    assert visitor.open("/lista") == 303


def test_the_refusal_is_one_sentence_whoever_is_asked_for_and_the_fourth_is_told_to_wait(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor]
) -> None:
    told = {}
    for name in (enrolled[0], "nadie"):
        visitor = browser()
        told[name] = [visitor.send("/entrar", usuario=name, contrasena="x" * 12)[0] for _ in range(4)]
        told[name].append(visitor.page.replace(name, "…"))

    assert told[enrolled[0]] == told["nadie"]
    assert told["nadie"][:4] == [401, 401, 401, 429]
    assert "Espere 10 minutos" in told["nadie"][4] and "x" * 12 not in told["nadie"][4]


def test_who_has_to_wait_is_told_for_how_long_also_to_programs(browser: Callable[[], Visitor]) -> None:
    visitor = browser()
    answers = [
        visitor.client.post("/entrar", data={"usuario": "alguien", "contrasena": "x"}, headers=SAME_SITE)
        for _ in range(4)
    ]

    assert 0 < int(answers[-1].headers["retry-after"]) <= 600


def test_a_token_does_not_open_the_pages_where_a_second_step_is_asked_for(
    browser: Callable[[], Visitor], home: Settings
) -> None:
    visitor = browser()

    assert visitor.send("/entrar", ficha="pmn_x")[0] == 401
    assert "para programas" in visitor.page
    assert visitor.open("/entrar") == 200 and "ficha" not in visitor.page.lower()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"invitacion": "inv_falsa", "contrasena": PHRASE, "otra_vez": PHRASE}, "no es válida"),
        ({"contrasena": "corta", "otra_vez": "corta"}, "al menos 12"),
        ({"contrasena": "contraseña2026", "otra_vez": "contraseña2026"}, "se adivina"),
        ({"contrasena": PHRASE, "otra_vez": ANOTHER}, "no son iguales"),
        ({}, "al menos 12"),
    ],
)
def test_what_is_wrong_with_an_invitation_or_a_password_is_said_without_repeating_it(
    browser: Callable[[], Visitor], person: tuple[str, str], fields: dict[str, str], sentence: str
) -> None:
    visitor = browser()

    assert visitor.send("/invitacion", **({"invitacion": person[1]} | fields))[0] == 422

    assert sentence in visitor.page
    assert not [word for word in (person[1], "corta", PHRASE, "contraseña2026") if f'"{word}"' in visitor.page]


def test_the_cookie_is_only_for_https_and_this_host_in_production(tmp_path: Path, clock: Clock, home: Settings) -> None:
    settings = home.model_copy(update={"environment": "production"})
    app = create_app(settings, clock)
    service: Service = app.state.service
    add_person(service.database, Person("ciencia.dos", Role.DATA_SCIENTIST), BY)
    code = invite(service.database, "ciencia.dos", BY)

    with TestClient(app, "https://testserver", follow_redirects=False) as client:
        form = {"invitacion": code, "contrasena": PHRASE, "otra_vez": PHRASE}
        answer = client.post("/invitacion", data=form, headers=SAME_SITE)

        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-permanencia=")
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"))
        assert "strict-transport-security" in answer.headers
        assert "Datos inventados" not in client.get("/lista").text
    service.database.engine.dispose()


def test_signing_out_ends_the_session_also_for_a_copy_of_its_cookie(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor]
) -> None:
    visitor, thief = enrolled[2], browser()
    thief.client.cookies.update(dict(visitor.client.cookies))
    assert thief.open("/lista") == 200

    visitor.open("/lista")
    assert visitor.send("/salir") == (303, "/entrar")

    assert thief.open("/lista") == 303


# One's own account


def test_a_password_is_changed_by_who_knows_the_old_one_and_the_other_sessions_end(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor], clock: Clock
) -> None:
    name, secret, visitor = enrolled
    other = browser()
    other.send("/entrar", usuario=name, contrasena=PHRASE)
    other.open("/entrar/codigo")
    other.send("/entrar/codigo", codigo=pyotp.TOTP(secret).at(clock.now))
    assert other.open("/lista") == 200

    visitor.open("/cuenta")
    assert visitor.send("/cuenta/contrasena", contrasena="no es esta", nueva=ANOTHER, otra_vez=ANOTHER)[0] == 401
    assert visitor.send("/cuenta/contrasena", contrasena=PHRASE, nueva=ANOTHER, otra_vez=ANOTHER)[0] == 200

    assert "Contraseña cambiada" in visitor.page
    assert visitor.open("/lista") == 200 and other.open("/lista") == 303


def test_another_telephone_is_set_up_only_by_who_knows_the_password_and_the_old_one_stops(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor], clock: Clock
) -> None:
    name, old, visitor = enrolled
    visitor.open("/cuenta")
    assert visitor.send("/cuenta/segundo-paso", contrasena="no es esta")[0] == 401
    assert visitor.send("/cuenta/segundo-paso", contrasena=PHRASE) == (303, "/segundo-paso")
    visitor.open("/segundo-paso")
    new = shown_secret(visitor)
    assert visitor.send("/segundo-paso", codigo=pyotp.TOTP(new).at(clock.now))[0] == 200
    clock.now += timedelta(minutes=2)

    again = browser()
    again.send("/entrar", usuario=name, contrasena=PHRASE)
    again.open("/entrar/codigo")

    assert again.send("/entrar/codigo", codigo=pyotp.TOTP(old).at(clock.now))[0] == 401
    assert again.send("/entrar/codigo", codigo=pyotp.TOTP(new).at(clock.now)) == (303, "/lista")


def test_a_token_has_a_purpose_and_a_last_day_is_shown_once_and_is_revoked_by_its_owner(
    enrolled: tuple[str, str, Visitor], clock: Clock
) -> None:
    visitor = enrolled[2]
    visitor.open("/cuenta")
    assert visitor.send("/cuenta/fichas", nombre="informe mensual", dias="30")[0] == 401
    assert visitor.send("/cuenta/fichas", nombre="informe mensual", dias="30", contrasena="no es esta")[0] == 401
    assert "pmn_" not in visitor.page
    assert visitor.send("/cuenta/fichas", nombre="informe mensual", dias="30", contrasena=PHRASE)[0] == 200
    found = re.search(r"<code>(pmn_[\w-]+)</code>", visitor.page)
    assert found is not None
    token = found[1]
    assert visitor.client.get(LIST, headers=bearer(token)).status_code == 200

    visitor.open("/cuenta")
    assert token not in visitor.page and "informe mensual" in visitor.page and "12 de junio de 2024" in visitor.page
    code = re.search(r'name="ficha" value="([0-9a-f]{12})"', visitor.page)
    assert code is not None and visitor.send("/cuenta/fichas/retirar", ficha=code[1])[0] == 200

    assert visitor.client.get(LIST, headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(("ticked", "answer"), [({"fichas": "si"}, 401), ({}, 200)])
def test_with_a_new_password_the_tokens_go_too_unless_the_tick_is_taken_away(
    enrolled: tuple[str, str, Visitor], ticked: dict[str, str], answer: int
) -> None:
    visitor = enrolled[2]
    visitor.open("/cuenta")
    assert 'name="fichas" value="si" checked' in visitor.page
    visitor.send("/cuenta/fichas", nombre="x", dias="30", contrasena=PHRASE)
    found = re.search(r"<code>(pmn_[\w-]+)</code>", visitor.page)
    assert found is not None

    visitor.send("/cuenta/contrasena", contrasena=PHRASE, nueva=ANOTHER, otra_vez=ANOTHER, **ticked)

    assert "Contraseña cambiada" in visitor.page and ("fichas se retiraron" in visitor.page) is bool(ticked)
    assert visitor.client.get(LIST, headers=bearer(found[1])).status_code == answer


def test_who_has_no_password_asks_for_a_token_within_ten_minutes_of_coming_in(home: Settings, clock: Clock) -> None:
    app = create_app(home, clock)
    service: Service = app.state.service
    token = issue_token(service.database, "ciencia", BY)
    with TestClient(app, "https://testserver", follow_redirects=False) as client:
        visitor = Visitor(client)
        visitor.send("/entrar", ficha=token)
        visitor.open("/cuenta")
        assert "en los diez minutos después de entrar" in visitor.page
        assert visitor.send("/cuenta/fichas", nombre="x")[0] == 200 and "pmn_" in visitor.page
        clock.now += timedelta(minutes=10, seconds=1)
        visitor.open("/cuenta")
        assert visitor.send("/cuenta/fichas", nombre="x")[0] == 401 and "pmn_" not in visitor.page
    assert "entre de nuevo" in visitor.page
    service.database.engine.dispose()


def test_a_token_stops_after_its_last_day(enrolled: tuple[str, str, Visitor], clock: Clock) -> None:
    visitor = enrolled[2]
    visitor.open("/cuenta")
    visitor.send("/cuenta/fichas", nombre="x", dias="1", contrasena=PHRASE)
    found = re.search(r"<code>(pmn_[\w-]+)</code>", visitor.page)
    clock.now += timedelta(days=1, minutes=1)

    assert found is not None and visitor.client.get(LIST, headers=bearer(found[1])).status_code == 401


def test_nobody_revokes_the_token_of_another(
    service: Service, enrolled: tuple[str, str, Visitor], home: Settings
) -> None:
    from serving.people import digest_of

    token = issue_token(service.database, "ciencia", BY)
    visitor = enrolled[2]
    visitor.open("/cuenta")

    visitor.send("/cuenta/fichas/retirar", ficha=digest_of(token)[:12])

    assert visitor.client.get(LIST, headers=bearer(token)).status_code == 200
    revoke_tokens(service.database, "ciencia", BY, digest_of(token)[:12])


def test_the_other_sessions_are_closed_from_this_one(
    browser: Callable[[], Visitor], enrolled: tuple[str, str, Visitor], clock: Clock, service: Service
) -> None:
    name, secret, visitor = enrolled
    other = browser()
    other.send("/entrar", usuario=name, contrasena=PHRASE)
    other.open("/entrar/codigo")
    other.send("/entrar/codigo", codigo=pyotp.TOTP(secret).at(clock.now))

    visitor.open("/cuenta")
    assert "contando esta: 2" in visitor.page
    visitor.send("/cuenta/sesiones")

    assert other.open("/lista") == 303 and visitor.open("/lista") == 200
    with service.database.reading() as connection:
        assert len(connection.execute(select(sessions).where(sessions.c.person == name)).all()) == 1


def test_in_a_demonstration_a_token_is_enough_and_the_page_says_so(home: Settings, clock: Clock) -> None:
    app = create_app(home, clock)
    with TestClient(app, follow_redirects=False) as client:
        page = client.get("/entrar").text

    assert 'id="ficha"' in page and "Con datos reales se entra con contraseña y un código" in page
    app.state.service.database.engine.dispose()
