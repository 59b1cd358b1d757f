"""What is wrong in the data: in a file that comes in, and in the register that the files have left behind."""

from features.quality.problem import Level, Problem, by_institution, grouped, has_errors, shown

__all__ = ["Level", "Problem", "by_institution", "grouped", "has_errors", "shown"]
