"""What is written in a PDF, read back by a program that did not write it."""

import io
import re

import pytest

try:
    import weasyprint  # noqa: F401 - only whether it is there
except OSError:
    HERE = False
else:
    HERE = True

needs_pango = pytest.mark.skipif(not HERE, reason="Pango is not here (apt-get install libpango-1.0-0): no PDF was made")


def text_of(content):
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def students_in(text):
    """Pseudonyms in the order in which they are read; only their whole form counts."""
    return re.findall(r"\b[0-9a-f]{16}\b", text)
