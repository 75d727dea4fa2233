"""Push keys as text: the same comes back, and what proves nobody is refused."""

from pathlib import Path

import pytest

from addad.errors import InputError
from addad.headend.push_secrets import check_push_keys, push_entry, push_text, read_push_text
from addad.reader.credentials import AssociationCredentials, read_credentials
from reader.sample_pushes import AK, EK, METER_TITLE, credentials
from reader.test_push_keys import key_pairs

PUSH = {"meter_title": METER_TITLE.hex(), "encryption_key": EK, "authentication_key": AK}


@pytest.mark.parametrize("suite", [0, 1, 2])
def test_text_and_back_is_the_same(suite: int) -> None:
    fields = key_pairs(suite)[0] if suite else {}
    entry = credentials(suite, **fields).push
    assert entry is not None
    text = push_text(entry)
    again = read_push_text(text)
    assert again.keys == entry.keys
    assert push_text(again) == text
    titles = (again.meter_title, again.client_title, again.suite, again.dedicated_key)
    assert titles == (entry.meter_title, entry.client_title, entry.suite, entry.dedicated_key)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"meter_title": None}, "push.meter_title: it is missing"),
        ({"encryption_key": None, "authentication_key": None}, "push.encryption_key"),
        ({"authentication_key": None}, "push.authentication_key"),
        ({"authentication_key": None, "encryption_key_only": True}, "anybody could push"),
        ({"encryption_key": "00"}, "32 hexadecimal digits"),
        ({"suite": 2}, "64 hexadecimal digits"),
        ({"nonsense": 1}, "no field 'nonsense'"),
    ],
)
def test_what_proves_nobody_is_refused(changes: dict[str, object], says: str) -> None:
    fields = {name: value for name, value in {**PUSH, **changes}.items() if value is not None}
    with pytest.raises(InputError, match=says):
        push_entry(fields)


def test_an_entry_without_keys_is_refused() -> None:
    with pytest.raises(InputError, match="encryption_key"):
        check_push_keys(AssociationCredentials())


@pytest.mark.parametrize("text", ["", "[]", "{", "1"])
def test_a_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no push keys"):
        read_push_text(text)


def test_the_title_at_the_top_of_the_file_counts() -> None:
    keys = {"encryption_key": EK, "authentication_key": AK}
    top = read_credentials({"meter_title": METER_TITLE.hex(), "push": keys}, Path())
    assert top.push is not None
    check_push_keys(top.push)
