"""Listens to the whole suite: what the service answers, mails and complains of, and whether it names a child."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote_plus

import pytest
from canaries import CANARY
from starlette.testclient import TestClient

from serving.api.problems import RULE, TITLES
from serving.faults import Fault

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ADDRESS = re.compile(r"""(?:href|action|src)=["']([^"']*)["']""")
TEXTUAL = ("text", "application/json", "application/problem")
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
PROBLEMS = [title for _, title in (*TITLES.values(), RULE)]


@dataclass
class Heard:
    """Where a name was told that should not have been; what was told is not repeated here either."""

    places: list[str] = field(default_factory=list)
    listened: dict[str, int] = field(default_factory=dict)

    def hear(self, kind: str, place: str, *texts: str) -> None:
        self.listened[kind] = self.listened.get(kind, 0) + 1
        if any(CANARY.search(text) for text in texts):
            self.places.append(f"{kind}: {CANARY.sub('…', place)}")

    def answer(self, asked: str, status: int, headers: dict[str, str], body: str) -> None:
        """One answer of the service. An address that came with the request may come back in a redirect."""
        typed = CANARY.search(unquote_plus(asked)) is not None
        self.hear("header", asked, *(value for name, value in headers.items() if not (typed and name == "location")))
        kind = headers.get("content-type", "")
        if "html" in kind:
            self.hear("comment", asked, *COMMENT.findall(body))
            self.hear("link", asked, *(unquote_plus(one) for one in leading(body) if not typed))
        if status >= 400 and ("html" not in kind or is_problem(body)):
            self.hear("error", asked, body)
        if asked.endswith("/metrics"):
            self.hear("metric", asked, body)


def leading(body: str) -> list[str]:
    """The addresses in a page, less the telephones: who may call a child's home is shown the number anyway."""
    return [address for address in ADDRESS.findall(body) if not address.startswith("tel:")]


def is_problem(body: str) -> bool:
    """The page of an error. A form that is shown again is none, and may name its child."""
    title = TITLE.search(body)
    return title is not None and any(one in title[1] for one in PROBLEMS)


@pytest.fixture(scope="session", autouse=True)
def everything_told() -> Iterator[Heard]:
    heard = Heard()
    with pytest.MonkeyPatch.context() as patch:
        _listen_to_answers(patch, heard)
        _listen_to_letters(patch, heard)
        _listen_to_complaints(patch, heard)
        yield heard
    assert not heard.places, f"a child's name was told where no name belongs: {sorted(set(heard.places))}"


def _listen_to_answers(patch: pytest.MonkeyPatch, heard: Heard) -> None:
    send = TestClient.send

    def listened(client: TestClient, request: Any, *, stream: bool = False, **told: Any) -> Any:
        answer = send(client, request, stream=stream, **told)
        for one in () if stream else (*answer.history, answer):
            textual = one.headers.get("content-type", "").startswith(TEXTUAL)
            heard.answer(str(one.request.url), one.status_code, dict(one.headers), one.text if textual else "")
        return answer

    patch.setattr(TestClient, "send", listened)


def _listen_to_letters(patch: pytest.MonkeyPatch, heard: Heard) -> None:
    send = smtplib.SMTP.send_message

    def listened(server: smtplib.SMTP, letter: EmailMessage, *told: Any, **more: Any) -> Any:
        heard.hear("letter", "e-mail", letter.as_string(), str(letter.get_content()))
        return send(server, letter, *told, **more)

    patch.setattr(smtplib.SMTP, "send_message", listened)


def _listen_to_complaints(patch: pytest.MonkeyPatch, heard: Heard) -> None:
    """The sentences of faults: what a command or a page says when it cannot go on."""
    begin = Fault.__init__

    def told(fault: Fault, *sentences: Any) -> None:
        heard.hear("fault", type(fault).__name__, *map(str, sentences))
        begin(fault, *sentences)

    patch.setattr(Fault, "__init__", told)
