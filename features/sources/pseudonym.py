"""Gives each child a name that tells nothing: the same one every time, and only for who holds the key."""

from __future__ import annotations

import hashlib

import polars as pl

HEX_CHARACTERS = 16


def pseudonym(values: pl.Series, key: bytes) -> pl.Series:
    """The keyed digest of each value ("PER_ID:…" or "DOC:type:number"); null stays null."""
    seal = hashlib.blake2b(key=_fitting(key), digest_size=HEX_CHARACTERS // 2)
    return values.map_elements(lambda value: _sealed(seal, value), return_dtype=pl.String)


def _sealed(seal: hashlib.blake2b, value: str) -> str:
    own = seal.copy()
    own.update(value.encode())
    return own.hexdigest()


def _fitting(key: bytes) -> bytes:
    """blake2b takes keys of up to 64 bytes; a longer one is first made short."""
    if not key:
        raise ValueError("hace falta una clave para los seudónimos")
    return key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
