"""Staff: who they are, which schools they reach, and what they sign in with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands import desk
from serving.faults import WrongUsage

if TYPE_CHECKING:
    from serving.database import Database
    from serving.people import Role
    from serving.reach import Reach

Name = Annotated[str, typer.Argument(metavar="USUARIO")]
Institutions = Annotated[list[str] | None, typer.Option("--institution", help="Código DANE; se puede repetir.")]
Parts = Annotated[
    list[str] | None,
    typer.Option("--reach", help="secretaria, comuna:NOMBRE o DANE[/SEDE[/GRADO/GRUPO]]; se puede repetir."),
]
Whole = Annotated[bool, typer.Option("--whole-secretariat", help="Toda la secretaría.")]
ROLES = "coverage, supervisor, school, data_scientist, admin o auditor"

SAY_REACH = (
    "Diga el alcance: un código DANE con --institution, otro lugar con --reach, o --whole-secretariat "
    "para toda la secretaría."
)
ONE_OF_TWO = "Diga --whole-secretariat o nombre lugares: las dos cosas a la vez no se entienden."

users = typer.Typer(help="Usuarios: alcance, invitaciones, sesiones y fichas.", no_args_is_help=True)


@users.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=ROLES)],
    institution: Institutions = None,
    reach: Parts = None,
    whole: Whole = False,
    email: Annotated[str | None, typer.Option(help="Como lo conoce el proveedor de identidad.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Crea un usuario y muestra su invitación, esta única vez; con datos inventados, también una ficha."""
    from serving.account_invitations import invite
    from serving.people import Person, add_person, issue_token

    database, by = desk.database(), desk.by()
    person = Person(name, read_role(role), chosen_reach(institution, reach, whole))
    add_person(database, person, by, email)
    shown = {"name": name, "role": role, "invitation": invite(database, name, by)} | _note(database, person.reach)
    if desk.settings().made_up:
        shown["token"] = issue_token(database, name, by)
    desk.answer(as_json, shown, _told(shown))


@users.command("list")
def show(home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Muestra los usuarios."""
    from serving.people import described, list_people

    found = [described(person) for person in list_people(desk.database())]
    lines = [f"{one['name']}  {one['role']}  {one['reach']}{'' if one['active'] else '  (cerrado)'}" for one in found]
    desk.answer(as_json, {"people": found}, "\n".join(lines) or "Todavía no hay usuarios.")


@users.command("reach")
def set_reach(
    name: Name,
    institution: Institutions = None,
    reach: Parts = None,
    whole: Whole = False,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Cambia el alcance de un usuario: el que se dice aquí reemplaza al anterior."""
    from serving.people import change_reach, described
    from serving.released import release

    database, chosen = desk.database(), chosen_reach(institution, reach, whole)
    person = described(change_reach(database, name, chosen, desk.by())) | _note(database, chosen)
    release(database, name, desk.by())
    desk.answer(as_json, person, "\n".join([f"Alcance de {name}: {person['reach']}.", *_notes(person)]))


@users.command("reset")
def reset(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Para quien perdió contraseña o teléfono: retira todo lo suyo y muestra una invitación nueva."""
    from serving.account_invitations import reset

    shown = {"name": name, "invitation": reset(desk.database(), name, desk.by())}
    desk.answer(as_json, shown, _told(shown))


@users.command("reopen")
def reopen(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Abre de nuevo un usuario cerrado, con su rol y su alcance, y muestra una invitación."""
    from serving.account_invitations import reopen

    shown = {"name": name, "invitation": reopen(desk.database(), name, desk.by())}
    desk.answer(as_json, shown, _told(shown))


@users.command("sign-out")
def sign_out(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Cierra todas las sesiones abiertas de un usuario."""
    from serving.account_sessions import end_all

    number = end_all(desk.database(), name, desk.by())
    desk.answer(as_json, {"name": name, "ended": number}, f"Sesiones cerradas: {number}.")


@users.command("token")
def token(
    name: Name,
    label: Annotated[str, typer.Option(help="Para qué es.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Cuántos días sirve; sin decirlo, no vence.")
    ] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Da una ficha nueva para un programa; las anteriores siguen valiendo hasta retirarlas."""
    from serving.people import issue_token

    lasts = timedelta(days=days) if days else None
    shown = {"name": name, "token": issue_token(desk.database(), name, desk.by(), label[:80], lasts)}
    desk.answer(as_json, shown, _told(shown))


@users.command("revoke")
def revoke(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Retira todas las fichas de un usuario y cierra sus sesiones."""
    from serving.people import revoke_tokens

    number = revoke_tokens(desk.database(), name, desk.by())
    desk.answer(as_json, {"name": name, "revoked": number}, f"Fichas retiradas: {number}.")


@users.command("remove")
def remove(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Cierra un usuario; lo que hizo sigue en el registro."""
    from serving.people import remove_person

    remove_person(desk.database(), name, desk.by())
    desk.answer(as_json, {"name": name, "active": False}, f"El usuario {name} quedó cerrado.")


def _told(shown: dict[str, str]) -> str:
    lines = {"invitation": "Invitación de {name} (una vez, siete días; se usa en /invitacion): {invitation}"}
    lines |= {"token": "Ficha de {name} (guárdela ahora): {token}"}
    return "\n".join([*(line.format(**shown) for key, line in lines.items() if key in shown), *_notes(shown)])


def _note(database: Database, reach: Reach) -> dict[str, str]:
    from serving.known_places import not_checked

    with database.reading() as connection:
        note = not_checked(connection, reach)
    return {"note": note} if note else {}


def _notes(shown: dict[str, str]) -> list[str]:
    return [shown["note"]] if "note" in shown else []


def chosen_reach(institutions: list[str] | None, parts: list[str] | None, whole: bool) -> Reach:
    """With nothing said, nobody is made: the whole secretariat has to be asked for by its name."""
    from serving.reach import WHOLE_SECRETARIAT, read_reach

    said = [*(institutions or []), *(parts or [])]
    if bool(said) is whole:
        raise WrongUsage(ONE_OF_TWO if whole else SAY_REACH)
    return WHOLE_SECRETARIAT if whole else read_reach(said)


def read_role(text: str) -> Role:
    from serving.people import Role

    try:
        return Role(text)
    except ValueError:
        raise WrongUsage(f"El rol debe ser {ROLES}.") from None


def register(app: typer.Typer) -> None:
    app.add_typer(users, name="user")
