"""Ways to ask for what one may not see: every address with every kind of name, written and wrapped in every way."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import quote, urlencode

from crossed_city import HERE, NOWHERE, City, Things
from drawn_lists import ESPERANZA, SECOND_SUNDAY, bearer, student
from test_cross_site import walked

API = "/api/v1"
OWN = student(1)
DAYS = ("latest", SECOND_SUNDAY.isoformat())
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    machine: bool = True  # of the API; otherwise a page, opened with a cookie

    def with_headers(self, **more: str) -> Call:
        told = [(name.replace("_", "-"), value) for name, value in more.items()]
        return replace(self, headers=(*self.headers, *told))


Ask = Callable[[Things, City, str], Call]
"""The call that names these things, as this person."""


@dataclass(frozen=True)
class Attempt:
    """The same call twice: for what is there and out of reach, and for what is nowhere."""

    kind: str
    who: str
    there: Call
    nowhere: Call
    things: Things = field(repr=False)  # as they were written in the one call
    nothing: Things = field(repr=False)  # and in the other


# What is asked


def get(path: str, **query: str) -> Ask:
    return lambda it, city, who: Call("GET", API + _of(path, it), _filled(query, it))


def page(path: str, **query: str) -> Ask:
    return lambda it, city, who: Call("GET", _of(path, it), _filled(query, it), machine=False)


def post(path: str, key: bool = False, **body: str) -> Ask:
    def ask(it: Things, city: City, who: str) -> Call:
        told = json.dumps(dict(_filled(body, it)), ensure_ascii=False).encode("utf-8", "replace")
        keys = [("idempotency-key", it.key)] if key else []
        return Call("POST", API + path, (), [("content-type", "application/json"), *keys], told)

    return ask


def form(path: str, **body: str) -> Ask:
    def ask(it: Things, city: City, who: str) -> Call:
        told = urlencode([("sello", city.seals[who]), *_filled(body, it)], errors="replace").encode()
        return Call("POST", _of(path, it), (), [("content-type", FORM), *HERE.items()], told, machine=False)

    return ask


def _of(path: str, it: Things) -> str:
    return re.sub(r"{(\w+)}", lambda found: getattr(it, found[1]), path)


def _filled(told: dict[str, str], it: Things) -> list[tuple[str, str]]:
    return [(name, _of(value, it)) for name, value in told.items()]


CONTACT = {"kind": "CALL", "outcome": "LEFT"}
TYPED = {"clase": "CALL", "resultado": "LEFT", "fecha": "2024-05-13"}
LIST = "/risk-lists/{day}"
ASKS: dict[str, list[Ask]] = {
    "path": [
        get("/students/{student}"),
        get("/students/{student}", names="true"),
        get("/institutions/{school}/watchlist"),
        get("/institutions/{school}/watchlist", limit="200", names="true"),
        page("/estudiantes/{student}"),
        page("/estudiantes/{student}/contactos/nuevo"),
        page("/estudiantes/{student}/contactos/{contact}/corregir"),
        page(f"/estudiantes/{OWN}/contactos/{{contact}}/corregir"),
        page("/instituciones/{school}"),
        page("/instituciones/{school}/datos"),
        page("/instituciones/{school}/datos/descargar"),
    ],
    "filter": [
        *(get(f"/risk-lists/{day}", institution="{school}") for day in DAYS),
        get("/risk-lists/latest", institution="{school}", names="true"),
        get("/risk-lists/latest", institution="{school}", state="CONTACTED"),
        get("/risk-lists/latest", comuna="{comuna}"),
        get("/risk-lists/latest", comuna="{comuna}", names="true", limit="200"),
        get("/risk-lists/latest", institution="{school}", comuna="{comuna}"),
        page("/lista", colegio="{school}"),
        page("/lista", colegio="{school}", orden="curso", contacto="CONTACTED"),
        page("/lista", comuna="{comuna}"),
        page("/lista/cambios", colegio="{school}"),
        page("/lista/cambios", comuna="{comuna}"),
        page("/lista", dia=SECOND_SUNDAY.isoformat(), colegio="{school}", comuna="{comuna}"),
    ],
    "export": [
        *(get("/risk-lists/latest/file", institution="{school}", format=kind) for kind in ("csv", "xlsx", "pdf")),
        get("/risk-lists/latest/file", institution="{school}", format="csv", names="true"),
        *(page("/lista/descargar", colegio="{school}", formato=kind) for kind in ("csv", "xlsx", "pdf", "json")),
        page("/lista/descargar", comuna="{comuna}", formato="csv"),
        page("/lista/descargar", colegio="{school}", grado="6", contacto="CONTACTED", formato="json"),
        page("/lista/descargar", comuna="{comuna}", razon="attendance", orden="grado", formato="json"),
        page("/lista/descargar", sede="{school}", jornada="{student}", formato="csv"),
    ],
    "bulk export": [page("/paquetes/{export}")],
    "body": [
        post("/contacts", student_id="{student}", **CONTACT),
        post("/contacts", student_id="{student}", corrects="{contact}", **CONTACT),
        post("/contacts", student_id=OWN, corrects="{contact}", **CONTACT),
        post("/feedback", student_id="{student}", verdict="USEFUL"),
        post("/assignments", student_id="{student}", worker="esperanza"),
        post("/assignments", student_id=OWN, worker="{person}"),
        form("/estudiantes/{student}/contactos/nuevo", **TYPED),
        form("/estudiantes/{student}/contactos/{contact}/corregir", **TYPED, version="1"),
        form(f"/estudiantes/{OWN}/contactos/{{contact}}/corregir", **TYPED, version="1"),
        form("/estudiantes/{student}/opinion", opinion="USEFUL"),
        form("/por-asignar", estudiante="{student}", trabajador="trabaja"),
        form("/por-asignar", estudiante="{student}"),
        page("/estudiantes/{student}/asignar"),
        form("/estudiantes/{student}/asignar", trabajador="trabaja"),
    ],
    "key": [
        post("/contacts", key=True, student_id="{student}", **CONTACT, note="Vive en otra casa"),
        post("/feedback", key=True, student_id="{student}", verdict="USEFUL"),
        post("/assignments", key=True, student_id="{student}", worker="qrector"),
    ],
    "cursor": [
        get("/risk-lists/latest", cursor="{cursor}", limit="1"),
        get("/risk-lists/latest", cursor="{cursor}", institution=ESPERANZA),
        get(f"/institutions/{ESPERANZA}/watchlist", cursor="{cursor}", limit="1"),
        get("/risk-lists", cursor="{cursor}"),
    ],
    "etag": [
        *(
            (lambda it, city, who, path=path: Call("GET", API + path, (), [("if-none-match", it.etag)]))
            for path in ("/risk-lists/latest", "/risk-lists", f"/institutions/{ESPERANZA}/watchlist")
        ),
        lambda it, city, who: Call(
            "GET", f"{API}/institutions/{it.school}/watchlist", (), [("if-none-match", f"{it.etag}, W/{it.etag}")]
        ),
    ],
    "saved view": [
        form("/lista/vistas/{view}/borrar"),
        page("/lista", vista="{view}"),
    ],
    "session": [
        lambda it, city, who: Call(
            "POST",
            f"/estudiantes/{it.student}/opinion",
            (),
            [("content-type", FORM), *HERE.items()],
            urlencode({"sello": it.seal, "opinion": "USEFUL"}).encode(),
            machine=False,
        ),
        lambda it, city, who: Call(
            "GET", f"{API}/students/{it.student}", (), [("cookie", f"permanencia={city.cookies['qrector']}")]
        ),
        lambda it, city, who: Call(
            "GET", f"/estudiantes/{it.student}", (), [*bearer(city.tokens["qrector"]).items()], machine=False
        ),
        lambda it, city, who: Call(
            "GET", f"/estudiantes/{it.student}", (), [("x-sello", city.seals["qrector"])], machine=False
        ),
    ],
}


# How a name is written

ALIKE = str.maketrans("0123456789abcdef", "０１２３４５６７８９аbсdеf")
WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "every letter encoded": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "encoded twice": lambda text: "".join(f"%25{byte:02x}" for byte in text.encode()),
    "look-alikes": lambda text: quote(text.translate(ALIKE)),
    "capitals": str.upper,
    "a space after": lambda text: f"{text}%20",
    "a space before": lambda text: f"%20{text}",
    "a line after": lambda text: f"{text}%0a",
    "nothing after": lambda text: f"{text}%00",
    "an unseen letter": lambda text: f"{text[:4]}%E2%80%8B{text[4:]}",
    "a bow after": lambda text: f"{text}/",
    "a folder before": lambda text: f"x%2F..%2F{text}",
    "a parameter": lambda text: f"{text};x=1",
    "a wildcard": lambda text: f"{text[:-1]}%25",
    "a quote": lambda text: f"{text}'%20OR%20'1'='1",
    "an array": lambda text: f"%5B%22{text}%22%5D",
    "two": lambda text: f"{ESPERANZA},{text}",
}
PLAIN = {name: WRITTEN[name] for name in ("as it is", "capitals")}
PLAIN |= {
    "look-alikes": lambda text: text.translate(ALIKE),
    "a space after": lambda text: f"{text} ",
    "a line after": lambda text: f"{text}\n",
    "nothing after": lambda text: f"{text}\0",
    "an unseen letter": lambda text: f"{text[:4]}\u200b{text[4:]}",
    "a wildcard": lambda text: f"{text[:-1]}%",
    "a quote": lambda text: f"{text}' OR '1'='1",
    "an array": lambda text: f'["{text}"]',
    "two": lambda text: f"{ESPERANZA},{text}",
}
NAMES = ("student", "school", "comuna", "contact", "view", "export", "person")
"""What is written in other ways; the rest is a secret of its owner, or a stamp."""


def written(it: Things, how: Callable[[str], str]) -> Things:
    return replace(it, **{name: how(getattr(it, name)) for name in NAMES})


# How a call is wrapped


def _twice(call: Call) -> Call:
    """A harmless value beside the other, before or after it."""
    return replace(call, query=[*call.query, ("institution", ESPERANZA)])


def _as(kind: str) -> Callable[[Call], Call]:
    return lambda call: replace(
        call,
        headers=[*((name, value) for name, value in call.headers if name != "content-type"), ("content-type", kind)],
    )


def _method(name: str) -> Callable[[Call], Call]:
    return lambda call: replace(call, method=name)


def _body(change: Callable[[bytes], bytes]) -> Callable[[Call], Call]:
    return lambda call: replace(call, body=change(call.body)) if call.body else call


WRAPPED: dict[str, Callable[[Call], Call]] = {
    "plain": lambda call: call,
    "head": lambda call: _method("HEAD")(call) if call.method == "GET" else call,
    "options": _method("OPTIONS"),
    "put": _method("PUT"),
    "patch": _method("PATCH"),
    "delete": _method("DELETE"),
    "post": _method("POST"),
    "another method told": lambda call: call.with_headers(x_http_method_override="GET", x_method="GET"),
    "another address told": lambda call: call.with_headers(x_original_url="/lista", x_rewrite_url="/lista"),
    "another person told": lambda call: call.with_headers(
        x_forwarded_user="qrector", remote_user="qrector", x_remote_user="qrector", x_user="qrector"
    ),
    "from the machine itself": lambda call: call.with_headers(x_forwarded_for="127.0.0.1", forwarded="for=127.0.0.1"),
    "any version held": lambda call: call.with_headers(if_none_match="*"),
    "a part of it": lambda call: call.with_headers(range="bytes=0-99"),
    "as a page": lambda call: call.with_headers(accept="text/html"),
    "as xml": lambda call: call.with_headers(accept="application/xml", accept_language="en"),
    "told twice": _twice,
    "told as an array": lambda call: replace(call, query=[(f"{name}[]", value) for name, value in call.query]),
    "told in capitals": lambda call: replace(call, query=[(name.upper(), value) for name, value in call.query]),
    "sent as text": _as("text/plain"),
    "sent as xml": _as("application/xml"),
    "sent as a form": _as(FORM),
    "sent as parts": _as("multipart/form-data; boundary=x"),
    "sent in other letters": _body(lambda body: body.decode().encode("utf-16")),
    "sent as a list": _body(lambda body: b"[" + body + b"]"),
    "sent in a box": _body(lambda body: b'{"body":' + body + b"}"),
    "sent with more": _body(lambda body: body[:-1] + b',"institution_id":"' + ESPERANZA.encode() + b'"}'),
    "sent twice over": _body(lambda body: b'{"student_id":"' + OWN.encode() + b'",' + body[1:]),
}
CHANGES = {"put", "patch", "delete", "post", "options"}


def attempts(city: City, many: int, seed: int = 1) -> Iterator[Attempt]:
    """So many, drawn again alike from the same seed; half of them wrapped or written plainly, as a person would."""
    dice = random.Random(seed)
    others = sorted(set(city.tokens) - {"qrector", "qsupervisora"})
    routes = sorted(_everywhere(city))
    for _ in range(many):
        kind = dice.choice([*ASKS, "path", "filter", "body", "any route"])
        ask = _any_route(*dice.choice(routes)) if kind == "any route" else dice.choice(ASKS[kind])
        yield _attempt(dice, city, kind, dice.choice(others), ask)


def _attempt(dice: random.Random, city: City, kind: str, who: str, ask: Ask) -> Attempt:
    it = dice.choice(city.watched)
    in_path = "{" in ask(_NAMED, city, who).path
    how = dice.choice([PLAIN["as it is"], *(WRITTEN if in_path else PLAIN).values()])
    wrap = dice.choice([WRAPPED["plain"]] * 8 + [*WRAPPED.values()])
    things, nothing = written(it, how), written(NOWHERE, how)
    return Attempt(kind, who, wrap(ask(things, city, who)), wrap(ask(nothing, city, who)), things, nothing)


_NAMED = Things(**{one.name: "{" for one in fields(Things)})


def _everywhere(city: City) -> set[tuple[str, str]]:
    """Every route and method there is, save those by which a person changes their own way in."""
    own = re.compile(r"/salir|/cuenta|/segundo-paso|/entrar|/invitacion|/api/v1/score")
    return {
        (method, path)
        for path, methods in walked(city.app.routes)
        for method in methods | {"GET", "POST", "DELETE"}
        if not own.match(path)
    }


PARTS = {"dane": "school", "student": "student", "contact": "contact", "job": "export", "code": "person"}


def _any_route(method: str, path: str) -> Ask:
    def ask(it: Things, city: City, who: str) -> Call:
        filled = re.sub(r"{(\w+)[^}]*}", lambda found: _part(found[1], path, it), path)
        told: dict[str, Any] = {"sello": city.seals[who], "colegio": it.school, "estudiante": it.student}
        body = urlencode(told, errors="replace").encode() if method == "POST" else None
        headers = [("content-type", FORM), *HERE.items()] if method == "POST" else []
        return Call(method, filled, (), headers, body, machine=path.startswith("/api/"))

    return ask


def _part(name: str, path: str, it: Things) -> str:
    if name == "id":
        return it.view if "vistas" in path else it.export
    return str({"day": "latest", "family": "attendance", "number": "1"}.get(name) or getattr(it, PARTS[name]))
