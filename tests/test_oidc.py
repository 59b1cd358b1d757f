"""Signing in through a real identity provider (npm's oidc-provider), and every way in which it, or a thief, may lie."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from serving.account_tables import accounts
from serving.app import create_app
from serving.people import Person, Role, add_person, list_people, reach_of, remove_person
from serving.settings import Settings
from serving.tables import audit

PROGRAM = Path(__file__).parent / "oidc_provider" / "provider.mjs"
BACK = "http://testserver/entrar/institucional/vuelta"
SECRET = "only-for-tests-and-long-enough-for-hs256"
LIES = ["aud", "iss", "exp", "nonce", "nononce", "none", "shared", "key"]

pytestmark = [
    pytest.mark.skipif(not shutil.which("node"), reason="no hay Node: el proveedor de identidad no se probó"),
    pytest.mark.skipif(
        not (PROGRAM.parent / "node_modules").exists(),
        reason="falta el proveedor de identidad: npm ci --prefix tests/oidc_provider",
    ),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    command = ["node", str(PROGRAM), BACK, SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as provider:
        try:
            assert provider.stdout is not None
            ready, address = provider.stdout.readline().split()
            assert ready == "ready"
            yield address
        finally:
            provider.kill()


class Clock:
    now: datetime = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, issuer: str, clock: Clock) -> Iterator[FastAPI]:
    settings = Settings(
        home=tmp_path / "h",
        second_factor=True,
        oidc_issuer=issuer,
        oidc_client_id="permanencia",
        oidc_client_secret=SECRET,
        oidc_second_factor="otp, mfa",
    )
    app = create_app(settings, clock)
    yield app
    app.state.service.database.engine.dispose()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def known(app: FastAPI) -> Callable[..., str]:
    """Adds a member of staff whom the provider knows by e-mail."""

    def known(name: str, role: Role = Role.DATA_SCIENTIST) -> str:
        person = Person(name, role, reach_of([ESPERANZA]))
        add_person(app.state.service.database, person, BY, f"{name}@Secretaria.example")
        return name

    return known


def set_out(client: TestClient) -> str:
    answer = client.get("/entrar/institucional")
    assert answer.status_code == 302
    return answer.headers["location"]


def at_the_provider(address: str, who: str) -> str:
    """Signs in over there; gives where the provider sends the browser back to."""
    with httpx.Client() as browser:
        address += f"&login_hint={who}"
        for _ in range(8):
            address = str(httpx.URL(address).join(browser.get(address).headers["location"]))
            if address.startswith(BACK):
                return address
    raise AssertionError("the provider does not lead back")


def sign_in(client: TestClient, who: str) -> tuple[int, str | None]:
    answer = client.get(at_the_provider(set_out(client), who))
    return answer.status_code, answer.headers.get("location")


def test_whom_the_provider_vouches_for_is_let_in_by_the_e_mail_it_has_checked(
    client: TestClient, known: Callable[..., str]
) -> None:
    known("luz")

    assert sign_in(client, "luz") == (303, "/lista")
    assert "luz" in client.get("/cuenta").text


def test_from_then_on_they_are_known_by_what_does_not_change_and_nobody_else_gets_in_by_their_e_mail(
    client: TestClient, known: Callable[..., str], app: FastAPI
) -> None:
    known("eva")
    sign_in(client, "eva")
    database = app.state.service.database
    with database.writing(BY, "x", "x") as (connection, _):
        connection.execute(accounts.update().values(email="otro@secretaria.example"))
    assert sign_in(client, "eva") == (303, "/lista")
    assert sign_in(client, "otro")[0] == 401


@pytest.mark.parametrize("who", ["nadie", "uncheckedana"])
def test_who_has_no_account_here_or_an_e_mail_nobody_checked_stays_out_and_no_account_is_made(
    client: TestClient, known: Callable[..., str], app: FastAPI, who: str
) -> None:
    known("uncheckedana")

    answer = client.get(at_the_provider(set_out(client), who))

    assert answer.status_code == 401 and "no tiene usuario aquí" in answer.text
    assert client.get("/lista").status_code == 303
    assert [person.name for person in list_people(app.state.service.database)] == ["uncheckedana"]


def test_a_closed_account_stays_closed(client: TestClient, known: Callable[..., str], app: FastAPI) -> None:
    known("leo")
    remove_person(app.state.service.database, "leo", BY)

    assert sign_in(client, "leo")[0] == 401


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_opens_nothing(client: TestClient, known: Callable[..., str], lie: str) -> None:
    name = known(f"ana{lie}")

    answer = client.get(at_the_provider(set_out(client), f"{name}:{lie}"))

    assert answer.status_code == 401 and "no confirmó quién es usted" in answer.text
    assert client.get("/cuenta").status_code == 303
    assert sign_in(client, name) == (303, "/cuenta")


def test_an_answer_is_good_only_in_the_browser_that_set_out_and_only_with_its_state(
    client: TestClient, app: FastAPI, known: Callable[..., str]
) -> None:
    back = at_the_provider(set_out(client), known("sol"))
    with TestClient(app, follow_redirects=False) as victim:
        assert victim.get(back).status_code == 401  # never set out
        set_out(victim)
        assert victim.get(back).status_code == 401  # set out, but not for this
        assert victim.get("/cuenta").status_code == 303
    state = parse_qs(urlsplit(back).query)["state"][0]

    assert client.get(back.replace(state, "x" * len(state))).status_code == 401


def test_an_answer_is_good_once_and_for_ten_minutes(
    client: TestClient, known: Callable[..., str], clock: Clock
) -> None:
    known("mar")
    back = at_the_provider(set_out(client), "mar")
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 401

    late = at_the_provider(set_out(client), "mar")
    clock.now += timedelta(minutes=10, seconds=1)

    assert client.get(late).status_code == 401


def test_a_refusal_by_the_provider_is_told_and_opens_nothing(client: TestClient) -> None:
    set_out(client)

    answer = client.get(f"{BACK}?error=access_denied&error_description=<script>x</script>&state=x")

    assert answer.status_code == 401 and "<script>" not in answer.text


@pytest.mark.parametrize(("who", "led_to"), [("luisa", "/segundo-paso"), ("twiceluisa", "/lista")])
def test_the_second_step_is_taken_over_there_only_when_the_provider_says_so_in_the_agreed_words(
    client: TestClient, known: Callable[..., str], who: str, led_to: str
) -> None:
    known(who, Role.COVERAGE)

    assert sign_in(client, who) == (303, led_to)


def test_each_way_in_leaves_its_line(client: TestClient, known: Callable[..., str], app: FastAPI) -> None:
    known("paz")
    sign_in(client, "paz")
    sign_in(client, "nadie")

    with app.state.service.database.reading() as connection:
        told = connection.execute(select(audit.c.by, audit.c.action).order_by(audit.c.id)).all()
    assert [tuple(line) for line in told[1:]] == [
        ("paz", "bind_provider"),
        ("paz", "sign_in"),
        ("desconocido", "sign_in_failed"),
    ]


def test_a_provider_that_is_down_is_said_and_passwords_still_work(tmp_path: Path, clock: Clock) -> None:
    settings = Settings(
        home=tmp_path / "h", oidc_issuer="http://127.0.0.1:9", oidc_client_id="permanencia", oidc_client_secret=SECRET
    )
    app = create_app(settings, clock)
    with TestClient(app, follow_redirects=False) as client:
        answer = client.get("/entrar/institucional")
        assert answer.status_code == 503 and "no responde" in answer.text
        assert "Entrar con" in client.get("/entrar").text
    app.state.service.database.engine.dispose()


def test_without_a_provider_its_pages_are_not_there(tmp_path: Path, clock: Clock) -> None:
    app = create_app(Settings(home=tmp_path / "h"), clock)
    with TestClient(app, follow_redirects=False) as client:
        assert client.get("/entrar/institucional").status_code == 404
        assert "institucional" not in client.get("/entrar").text
    app.state.service.database.engine.dispose()
