"""Turns whatever went wrong into a Spanish sentence and an exit code; a person's mistake never shows a traceback."""

from __future__ import annotations

import json
import os
import traceback

import typer

from serving.faults import Fault

# By name, so that telling of a fault does not import the library that raised it.
CODES = {
    "GateRefused": 4,
    "CatalogueDiffers": 4,
    "OtherQuestion": 2,
    "ModelFilesDamaged": 4,
    "NoSuchVersion": 5,
    "RecipeError": 2,
    "NotEnoughDays": 3,
    "MissingFeatures": 4,
}
MISSING = {
    "OperationalError": "La base de datos no responde o está ocupada. Revise su dirección y los permisos.",
    "IsADirectoryError": "Se esperaba un archivo y la ruta es una carpeta. Revise la ruta.",
    "FileExistsError": "Se esperaba una carpeta y la ruta es un archivo. Revise la ruta.",
    "NotADirectoryError": "Se esperaba una carpeta y la ruta es un archivo. Revise la ruta.",
    "PermissionError": "No hay permiso para leer o escribir en una carpeta. Revise sus permisos.",
    "MlflowException": "El registro de modelos no responde. Revise MLFLOW_TRACKING_URI.",
}
BUG = "Error interno: no es culpa de sus datos. Guarde las líneas anteriores y avise a quien mantiene el programa."


USAGE = {
    "MissingParameter": "Falta {it}.",
    "BadParameter": "El valor de {it} no se admite.",
    "NoSuchOption": "La opción {it} no existe.",
    "BadOptionUsage": "Falta el valor de {it}.",
}


def tell(error: Exception, as_json: bool) -> int:
    code, sentence = outcome(error)
    if code == 1:
        _show_where(error)
    if as_json:
        typer.echo(json.dumps({"error": sentence, "exit_code": code}, ensure_ascii=False))
    typer.echo(sentence, err=True)
    return code


def outcome(error: Exception) -> tuple[int, str]:
    if isinstance(error, Fault):
        return error.exit_code, str(error)
    name = type(error).__name__
    if "UsageError" in {kind.__name__ for kind in type(error).__mro__}:
        return 2, usage(error)
    if name in CODES:
        return CODES[name], str(error)
    if isinstance(error, FileNotFoundError):
        return 5, f"No existe {error.filename or 'un archivo'}. Revise la ruta."
    return (5, MISSING[name]) if name in MISSING else (1, BUG)


def usage(error: Exception) -> str:
    """What was typed wrong, and where to read how it is typed."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error)
    param = getattr(error, "param", None)
    it = getattr(error, "option_name", None) or (param.opts[0] if param else "un dato")
    said = USAGE.get(type(error).__name__, "El comando no se entiende: sobra o no existe una palabra.").format(it=it)
    context = getattr(error, "ctx", None)
    return f"{said} Vea: {context.command_path if context else 'permanencia'} --help"


def _show_where(error: Exception) -> None:
    # NOTE: only the places in the code. The text of an unknown error may repeat a row, and a row may hold a name.
    places = "".join(traceback.format_tb(error.__traceback__))
    detail = f": {error}" if os.environ.get("PERMANENCIA_DEBUG") else ""
    typer.echo(f"{places}{type(error).__name__}{detail}", err=True)
