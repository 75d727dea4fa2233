"""Fields of a credentials file: each is read as what it must be, or refused by its name.

A refusal names the field and the form that is wanted, never what stood there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import Certificate, load_pem_x509_certificate

from addad.errors import InputError
from addad.obis import Obis
from addad.reader.private_files import read_private

PEM_OCTETS_MAX: Final = 64 * 1024
_PEM: Final = "-----BEGIN "


class Fields:
    """The fields of one entry; `where` names the entry, `folder` is where PEM files lie."""

    def __init__(self, where: str, content: object, folder: Path) -> None:
        self.where = where
        self._folder = folder
        if not isinstance(content, Mapping):
            raise InputError(f"{where}: an object with fields is wanted")
        self._content: Mapping[str, object] = content

    def __repr__(self) -> str:
        return f"Fields({self.where!r})"

    def only(self, names: frozenset[str]) -> None:
        """Raise `InputError` for a field that is none of these."""
        for name in self._content:
            if name not in names:
                known = ", ".join(sorted(names))
                raise InputError(f"{self.where}: no field {name!r} is known here; known: {known}")

    def refuse(self, name: str, wanted: str) -> InputError:
        """The refusal of a field, to be raised."""
        return InputError(f"{self.where}.{name}: {wanted}")

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._content.get(name) is not None

    def is_text(self, name: str) -> bool:
        """Whether the field is there and a text."""
        return isinstance(self._content.get(name), str)

    def flag(self, name: str) -> bool:
        """true or false; false when it is missing."""
        value = self._content.get(name, False)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false is wanted")
        return value

    def number(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number in a range."""
        value = self._content.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(name, f"a number from {low} to {high} is wanted")
        return value

    def word(self, name: str, words: Mapping[str, int], default: int) -> int:
        """The number that a word stands for, or one of these numbers itself."""
        value = self._content.get(name)
        if value is None:
            return default
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        if isinstance(value, int) and not isinstance(value, bool) and value in words.values():
            return value
        raise self.refuse(name, f"one of {', '.join(words)} is wanted")

    def words(self, name: str, words: Mapping[str, int], default: int) -> int:
        """The bits that a list of words stands for."""
        value = self._content.get(name)
        if value is None:
            return default
        if not isinstance(value, list) or not all(
            isinstance(one, str) and one in words for one in value
        ):
            raise self.refuse(name, f"a list of some of {', '.join(words)} is wanted")
        bits = 0
        for one in value:
            bits |= words[one]
        return bits

    def octets(self, name: str, size: int) -> bytes | None:
        """So many octets in hexadecimal, or nothing."""
        value = self._content.get(name)
        if value is None:
            return None
        octets = _hexadecimal(value)
        if octets is None or len(octets) != size:
            raise self.refuse(name, f"{2 * size} hexadecimal digits are wanted")
        return octets

    def secret(self, name: str) -> bytes:
        """Text, or any octets as {"hex": "…"}; empty when it is missing."""
        value = self._content.get(name, "")
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, Mapping) and value.keys() == {"hex"}:
            octets = _hexadecimal(value["hex"])
            if octets is not None:
                return octets
        raise self.refuse(name, 'text, or {"hex": "…"}, is wanted')

    def name(self, name: str) -> Obis | None:
        """The logical name of an object."""
        value = self._content.get(name)
        if value is None:
            return None
        try:
            return Obis.parse(value if isinstance(value, str) else "")
        except InputError:
            raise self.refuse(name, "an OBIS code is wanted, such as 0-0:43.1.0") from None

    # keys as PEM

    def private_key(self, name: str, curve: str) -> EllipticCurvePrivateKey | None:
        """The private key of a PEM, on this curve."""
        pem = self._pem(name, private=True)
        if pem is None:
            return None
        try:
            key = load_pem_private_key(pem, None)
        except TypeError:
            raise self.refuse(name, "a PEM without a passphrase is wanted") from None
        except (ValueError, UnsupportedAlgorithm):
            raise self.refuse(name, "a private key as PEM is wanted") from None
        if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name != curve:
            raise self.refuse(name, f"a private key on the curve {curve} is wanted")
        return key

    def public_key(self, name: str, curve: str) -> EllipticCurvePublicKey | None:
        """The public key of a PEM, of a certificate or plain, on this curve."""
        pem = self._pem(name)
        if pem is None:
            return None
        try:
            is_certificate = b"CERTIFICATE" in pem.split(b"\n", 1)[0]
            key: object = (
                load_pem_x509_certificate(pem).public_key()
                if is_certificate
                else load_pem_public_key(pem)
            )
        except (ValueError, UnsupportedAlgorithm):
            raise self.refuse(name, "a certificate or a public key as PEM is wanted") from None
        if not isinstance(key, EllipticCurvePublicKey) or key.curve.name != curve:
            raise self.refuse(name, f"a key on the curve {curve} is wanted")
        return key

    def certificate(self, name: str) -> Certificate | None:
        """The certificate of a PEM."""
        pem = self._pem(name)
        if pem is None:
            return None
        try:
            return load_pem_x509_certificate(pem)
        except ValueError:
            raise self.refuse(name, "a certificate as PEM is wanted") from None

    def _pem(self, name: str, private: bool = False) -> bytes | None:
        value = self._content.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.refuse(name, "PEM text, or the path of a PEM file, is wanted")
        if value.lstrip().startswith(_PEM):
            return value.strip().encode()
        path = self._folder / value
        try:
            found = path.is_file()
        except (OSError, ValueError):
            found = False
        if not found:  # it may be a key without its PEM lines, so it is not shown
            raise self.refuse(name, "it is neither PEM text nor the path of a file")
        try:
            if private:
                return read_private(path, PEM_OCTETS_MAX).strip()
            with path.open("rb") as file:
                return file.read(PEM_OCTETS_MAX).strip()
        except InputError as fault:
            raise self.refuse(name, str(fault)) from None
        except OSError as fault:
            raise self.refuse(name, f"{path} cannot be read: {fault.strerror}") from None


def _hexadecimal(value: object) -> bytes | None:
    """The octets of hexadecimal digits, spaces and colons between them allowed."""
    if not isinstance(value, str):
        return None
    try:
        return bytes.fromhex(value.replace(":", " "))
    except ValueError:
        return None
