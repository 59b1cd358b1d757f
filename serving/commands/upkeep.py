"""What keeps the service in order: the database and its copies, the audit, and the key of the names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands import desk
from serving.faults import Refused

if TYPE_CHECKING:
    from serving.audit_chain import Verdict

databases = typer.Typer(help="La base de datos.", no_args_is_help=True)
audits = typer.Typer(help="El registro de quién hizo o consultó qué.", no_args_is_help=True)
rosters = typer.Typer(help="El directorio de nombres.", no_args_is_help=True)


@databases.command("upgrade")
def upgrade(home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Lleva la base de datos a las tablas de esta versión; en PostgreSQL, como dueño de las tablas."""
    from serving.database import Database

    chosen = desk.settings()
    database = desk.until_the_end(Database(chosen.owner_url, chosen.keys()))
    database.upgrade()
    desk.answer(as_json, {"revision": database.revision()}, f"Base de datos al día ({database.revision()}).")


@audits.command("verify")
def verify(
    checkpoint: Annotated[
        Path | None, typer.Option(help="Otra copia de los puntos de control, guardada en otro lugar.")
    ] = None,
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Recorre el registro línea por línea y dice si falta, sobra o cambió alguna; sale con 4 si es así."""
    from serving.audit_checkpoint import checked_chain, checkpoints_of

    verdict = checked_chain(desk.database(), checkpoints_of(desk.settings(), checkpoint), desk.clock.get()())
    must_be_whole(verdict)
    body = {"whole": True, "lines": verdict.lines, "digest": verdict.last.digest}
    desk.answer(as_json, body, f"El registro está completo: {verdict.lines} líneas.")


def must_be_whole(verdict: Verdict) -> None:
    if not verdict.whole:
        raise Refused(f"El registro fue alterado. Primera línea afectada: {verdict.first_bad}. {verdict.wrong}")


@rosters.command("rotate-key")
def rotate_key(home: desk.Home = None, as_json: desk.Json = False) -> None:
    """Sella todos los nombres con la primera clave de PERMANENCIA_ROSTER_KEY; después la anterior sobra."""
    from serving.roster_rotation import rotate

    number = rotate(desk.database(), desk.by())
    desk.answer(as_json, {"sealed": number}, f"Registros sellados con la clave nueva: {number}.")


def backup(
    out: Annotated[Path, typer.Option(help="Archivo de la copia.")],
    home: desk.Home = None,
    as_json: desk.Json = False,
) -> None:
    """Copia la base de datos embebida mientras el servicio sigue en marcha."""
    from serving import backups

    backups.backup(desk.database(), out, desk.by())
    desk.answer(as_json, {"file": str(out), "bytes": out.stat().st_size}, f"Copia hecha: {out.name}.")


def restore(
    copy: Annotated[Path, typer.Argument(metavar="COPIA")], home: desk.Home = None, as_json: desk.Json = False
) -> None:
    """Pone una copia en el lugar de la base de datos, con el servicio detenido; la que había queda aparte."""
    from serving import backups
    from serving.audit_checkpoint import checkpoints_of

    chosen = desk.settings()
    lines = backups.restore(copy, chosen.database_url, chosen.keys(), checkpoints_of(chosen), desk.by())
    desk.answer(as_json, {"lines": lines}, f"Copia restaurada; su registro tiene {lines} líneas.")


def register(app: typer.Typer) -> None:
    app.add_typer(databases, name="db")
    app.add_typer(audits, name="audit")
    app.add_typer(rosters, name="roster")
    app.command("backup")(backup)
    app.command("restore")(restore)
