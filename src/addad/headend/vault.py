"""Meters' passwords and push keys, enciphered under a key that lies beside the database, not in it.

AES-GCM with 256 bits from `cryptography`; the nonce is random and stands before the octets.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from addad.errors import StorageError

KEY_OCTETS = 32
NONCE_OCTETS = 12


class Vault:
    """Seals and opens short secrets; the key file is readable by its owner only."""

    def __init__(self, path: Path) -> None:
        """Take the key at `path`, or make one there; raises `StorageError`."""
        try:
            self._cipher = AESGCM(_key(path))
        except OSError as error:
            raise StorageError(f"the key file {path} cannot be used: {error}") from error

    def seal(self, secret: str, owner: str) -> bytes:
        """Encipher `secret` so that it opens only for the same `owner`."""
        nonce = os.urandom(NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """Decipher; raises `StorageError` under another key, for another owner, when altered."""
        nonce, rest = sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:]
        try:
            return self._cipher.decrypt(nonce, rest, owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise StorageError(
                f"the secret of {owner} does not open: the key file is not that of this "
                "database; put the right one back, or register the meter again"
            ) from error


def _key(path: Path) -> bytes:
    if not path.exists():
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, os.urandom(KEY_OCTETS))
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    key = path.read_bytes()
    if len(key) != KEY_OCTETS:
        raise StorageError(f"the key file {path} has {len(key)} octets, not {KEY_OCTETS}")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return key
