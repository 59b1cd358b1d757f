"""`permanencia …`: every command reads the settings, calls one function, and prints what came of it."""

from __future__ import annotations

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from serving.commands import (
    administration,
    borrowing,
    city,
    data,
    delivery,
    desk,
    effects,
    link,
    lists,
    models,
    monitor,
    quality,
    rates,
    rehearsal,
    territory,
    tuning,
    upkeep,
)
from serving.commands.faults import tell

app = typer.Typer(
    name="permanencia",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (
    city,
    data,
    link,
    quality,
    rates,
    territory,
    models,
    borrowing,
    tuning,
    lists,
    delivery,
    monitor,
    effects,
    administration,
    upkeep,
    rehearsal,
):
    part.register(app)


@app.callback()
def everywhere(context: typer.Context, home: desk.Home = None) -> None:
    """Qué estudiantes pueden dejar pronto la institución, por qué, y a quién contactar primero."""
    desk.invoked.set(context)


def now() -> datetime:
    return datetime.now(ZoneInfo("America/Bogota"))


def main(arguments: list[str] | None = None) -> None:
    """Exit codes: 0 done, 2 wrong usage, 3 the data has problems, 4 refused, 5 something is missing, 1 a bug."""
    desk.clock.set(now)
    try:
        code = app(arguments, standalone_mode=False)
    except typer.Abort:
        sys.exit(130)  # as after an interruption from the keyboard
    except Exception as error:
        sys.exit(tell(error, as_json="--json" in (arguments or sys.argv)))
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
