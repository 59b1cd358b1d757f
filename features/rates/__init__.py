"""Dropout, repetition, failure and over-age of a school year: of whom, among whom, as known on which day."""
