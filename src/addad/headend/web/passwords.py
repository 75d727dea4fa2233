"""Passwords of accounts: argon2id, and what is too weak to be one."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from addad.errors import InputError

MIN_LENGTH = 12
MAX_LENGTH = 200
_hasher = PasswordHasher()


def check_new(password: str, name: str) -> None:
    """Refuse, by `InputError`, a password that is too short, too long, or easily guessed."""
    if len(password) < MIN_LENGTH:
        raise InputError(f"choose a password of at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise InputError(f"choose a password of at most {MAX_LENGTH} characters")
    if len(set(password)) < 4 or (len(name) > 2 and name.lower() in password.lower()):
        raise InputError("choose a password that is harder to guess")


def hashed(password: str) -> str:
    """What is kept of a password (argon2id with its parameters and salt)."""
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether `password` is the one; as slow for an account that does not exist (None)."""
    try:
        _hasher.verify(kept or _nobodys(), password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("no account has this password")
