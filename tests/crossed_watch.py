"""Sends each attempt and its twin, and tells where the two answers differ or where something of the school is told."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote, quote_plus, unquote

from crossed_calls import NAMES, Attempt, Call
from crossed_city import City, Things
from drawn_lists import bearer
from httpx2 import Response as Answer
from starlette.testclient import TestClient

OF_ITS_OWN = {"date", "x-request-id", "content-length"}  # the length follows from the body
STAMP = re.compile(r'^("[0-9a-f]{16})-[0-9a-f]{24}-')
FIGURES = "text/plain; version"  # of Prometheus: they move with every call
WRITTEN: tuple[Callable[[str], str], ...] = (
    str,
    unquote,
    lambda text: quote(unquote(text)),
    quote_plus,
    escape,
    lambda text: escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
)
"""How an answer may write what was sent."""
ONCE = re.compile(r'(name="llave" value=")[^"]+')  # a fresh key in each form


@dataclass
class Found:
    """`leaks`: of what is the school's; `told_apart`: refusals that differ from that of a thing that is nowhere.

    `seconds`: of each kind the pairs of how long the one took and the other.
    """

    tried: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    told_apart: list[str] = field(default_factory=list)
    seconds: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def note(self, one: Attempt, there: Answer, canary: re.Pattern[str]) -> None:
        self.tried[one.kind] += 1
        self.statuses[there.status_code] += 1
        if song := canary.search(without_what_was_sent(text_of(there), one)):
            self.leaks.append(f"{one.kind} {one.who} {one.there.method} {one.there.path} {one.there.query}: {song[0]}")

    def hold(self, one: Attempt, there: Answer, nowhere: Answer) -> None:
        if plain(there, one.things) != plain(nowhere, one.nothing):
            self.told_apart.append(f"{one}: {there.status_code} {nowhere.status_code}")


def watch(city: City, tries: Iterable[Attempt], compare: bool = True, canary: re.Pattern[str] | None = None) -> Found:
    """With `compare` each answer is held against that of its twin; one that was asked before is not asked again."""
    *_, last = watching(city, tries, compare, canary)
    return last


def watching(
    city: City, tries: Iterable[Attempt], compare: bool = True, canary: re.Pattern[str] | None = None
) -> Iterator[Found]:
    """The same, told after each attempt."""
    found, before = Found(), dict[str, Answer]()
    with TestClient(city.app, follow_redirects=False, raise_server_exceptions=False) as client:
        for one in tries:
            there, first = send(client, city, one.who, one.there)
            found.note(one, there, canary or city.of_all)
            if compare:
                twin = f"{one.who} {one.nowhere}"
                if twin not in before:
                    before[twin], second = send(client, city, one.who, one.nowhere)
                    found.seconds[f"{one.kind} {there.status_code}"].append((first, second))
                found.hold(one, there, before[twin])
            yield found


def send(client: TestClient, city: City, who: str, call: Call) -> tuple[Answer, float]:
    """As the page's cookie or the program's token tells who it is; what the call brings of another comes on top."""
    mine = [*bearer(city.tokens[who]).items()] if call.machine else [("cookie", f"permanencia={city.cookies[who]}")]
    client.cookies.clear()
    url = call.path + ("?" + "&".join(f"{_(name)}={_(value)}" for name, value in call.query) if call.query else "")
    start = time.perf_counter()
    answer = client.request(call.method, url, headers=[*mine, *call.headers], content=call.body)
    return answer, time.perf_counter() - start


def _(text: str) -> str:
    return quote_plus(text, errors="replace")


def text_of(answer: Answer) -> str:
    """Head and body; of a spreadsheet or a folder of files what is inside."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return head + "\n" + body_of(answer)


def body_of(answer: Answer) -> str:
    body = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as files:  # all but the hour at which it was made
            body = b"\n".join(files.read(name) for name in files.namelist() if name != "docProps/core.xml")
    return body.decode("utf-8", "replace")


def without_what_was_sent(text: str, one: Attempt) -> str:
    """What stands in an address, told back to who sent it, tells nothing new."""
    sent = " ".join([one.there.path, *(value for _, value in one.there.query)])
    return _forget(text, one.things, [name for name in NAMES if getattr(one.things, name) in sent])


def plain(answer: Answer, it: Things) -> tuple[object, ...]:
    """The answer without what was sent in it, without its hour, and without what is drawn anew for each form."""
    kept = {name: value for name, value in answer.headers.items() if name not in OF_ITS_OWN}
    if "etag" in kept:
        kept["etag"] = STAMP.sub(r"\1-", kept["etag"])
    head = _forget(repr(sorted(kept.items())), it)
    if kept.get("content-type", "").startswith(FIGURES):
        return answer.status_code, head
    return answer.status_code, head, ONCE.sub(r"\1", _forget(body_of(answer), it))


def _forget(text: str, it: Things, names: Sequence[str] = NAMES) -> str:
    for name in names:
        value = getattr(it, name)
        for form in sorted({written(part) for part in (value, value.strip("/")) for written in WRITTEN}, key=len)[::-1]:
            text = text.replace(form, f"<{name}>")
    return text
