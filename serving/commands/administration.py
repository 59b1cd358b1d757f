"""Staff and their tokens, and the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands import desk
from serving.faults import WrongUsage

if TYPE_CHECKING:
    from serving.people import Role

Name = Annotated[str, typer.Argument(metavar="USUARIO")]
ROLES = "coverage, supervisor, school, data_scientist, admin o auditor"

users = typer.Typer(help="Usuarios y sus fichas de acceso.", no_args_is_help=True)
databases = typer.Typer(help="La base de datos.", no_args_is_help=True)


@users.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=ROLES)],
    institution: Annotated[list[str] | None, typer.Option(help="Código DANE; se puede repetir.")] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Crea un usuario y muestra su ficha, esta única vez."""
    from serving.people import Person, add_person, issue_token, reach_of

    database, by = desk.database(), desk.by()
    add_person(database, Person(name, read_role(role), reach_of(institution or [])), by)
    token = issue_token(database, name, by)
    desk.answer(as_json, {"name": name, "role": role, "token": token}, f"Ficha de {name} (guárdela ahora): {token}")


@users.command("list")
def show(home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Muestra los usuarios."""
    from serving.people import described, list_people

    found = [described(person) for person in list_people(desk.database())]
    lines = [f"{one['name']}  {one['role']}  {one['reach']}{'' if one['active'] else '  (cerrado)'}" for one in found]
    desk.answer(as_json, {"people": found}, "\n".join(lines) or "Todavía no hay usuarios.")


@users.command("token")
def token(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Da una ficha nueva; las anteriores siguen valiendo hasta retirarlas."""
    from serving.people import issue_token

    made = issue_token(desk.database(), name, desk.by())
    desk.answer(as_json, {"name": name, "token": made}, f"Ficha de {name} (guárdela ahora): {made}")


@users.command("revoke")
def revoke(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Retira todas las fichas de un usuario."""
    from serving.people import revoke_tokens

    number = revoke_tokens(desk.database(), name, desk.by())
    desk.answer(as_json, {"name": name, "revoked": number}, f"Fichas retiradas: {number}.")


@users.command("remove")
def remove(name: Name, home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Cierra un usuario; lo que hizo sigue en el registro."""
    from serving.people import remove_person

    remove_person(desk.database(), name, desk.by())
    desk.answer(as_json, {"name": name, "active": False}, f"El usuario {name} quedó cerrado.")


@databases.command("upgrade")
def upgrade(home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Lleva la base de datos a las tablas de esta versión."""
    from serving.database import Database

    database = Database(desk.settings().database_url)
    database.upgrade()
    desk.answer(as_json, {"revision": database.revision()}, f"Base de datos al día ({database.revision()}).")


def read_role(text: str) -> Role:
    from serving.people import Role

    try:
        return Role(text)
    except ValueError:
        raise WrongUsage(f"El rol debe ser {ROLES}.") from None


def register(app: typer.Typer) -> None:
    app.add_typer(users, name="user")
    app.add_typer(databases, name="db")
