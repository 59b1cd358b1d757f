"""What may go wrong for a person at the keyboard: each fault is a Spanish sentence and an exit code."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - often the data's or the network's, and no error of ours
    """A sentence for the person who can mend it; never a name, a document number or a phone."""

    exit_code = 1


class WrongUsage(Fault):
    exit_code = 2


class DataProblem(Fault):
    exit_code = 3


class Refused(Fault):
    exit_code = 4


class Missing(Fault):
    exit_code = 5
