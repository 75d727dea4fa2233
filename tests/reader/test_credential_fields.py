"""Fields of a credentials file: each kind read, and refused by its name without its content."""

from collections.abc import Callable
from pathlib import Path

import pytest

from addad.errors import InputError
from addad.reader.credential_fields import Fields

WORDS = {"low": 1, "gmac": 5}
SECRET = "53454352"


def fields(**content: object) -> Fields:
    return Fields("associations.1", content, Path())


def test_each_kind_is_read() -> None:
    found = fields(a=True, b=2, c="GMAC", d=["low", "gmac"], e="00 FF", f="text", g={"hex": "00ff"})
    assert found.flag("a")
    assert found.number("b", 0, 2, 0) == 2
    assert found.word("c", WORDS, 1) == 5
    assert found.words("d", WORDS, 0) == 5
    assert found.octets("e", 2) == b"\0\xff"
    assert (found.secret("f"), found.secret("g")) == (b"text", b"\0\xff")
    assert (found.is_text("f"), found.is_text("b"), found.is_text("z")) == (True, False, False)


def test_what_is_missing_or_null_is_its_default() -> None:
    for found in (fields(), fields(word=None, octets=None, pem=None)):
        assert not found.has("word")
        assert found.word("word", WORDS, 1) == 1
        assert found.words("word", WORDS, 3) == 3
        assert found.octets("octets", 16) is None
        assert found.private_key("pem", "secp256r1") is None
        assert found.public_key("pem", "secp256r1") is None
        assert found.certificate("pem") is None
    assert not fields().flag("flag")
    assert fields().number("number", 0, 9, 4) == 4
    assert fields().secret("secret") == b""


@pytest.mark.parametrize(
    "read",
    [
        lambda found: found.flag("key"),
        lambda found: found.number("key", 0, 9, 0),
        lambda found: found.word("key", WORDS, 1),
        lambda found: found.words("key", WORDS, 1),
        lambda found: found.octets("key", 16),
        lambda found: found.private_key("key", "secp256r1"),
        lambda found: found.public_key("key", "secp256r1"),
        lambda found: found.certificate("key"),
    ],
)
@pytest.mark.parametrize("content", [SECRET, [SECRET], {"hex": SECRET}, 10**9, 1.5, ""])
def test_another_kind_is_refused_by_name_and_not_shown(
    read: Callable[[Fields], object], content: object
) -> None:
    with pytest.raises(InputError, match=r"associations\.1\.key: ") as fault:
        read(fields(key=content))
    assert SECRET not in str(fault.value)


def test_only_known_fields_are_taken() -> None:
    fields(a=1).only(frozenset("ab"))
    with pytest.raises(InputError, match=r"no field 'c' is known here; known: a, b"):
        fields(c=SECRET).only(frozenset("ab"))
    for content in ([], "x", None, 5):
        with pytest.raises(InputError, match="an object with fields is wanted"):
            Fields("push", content, Path())


def test_fields_are_not_shown() -> None:
    assert SECRET not in repr(fields(key=SECRET))
