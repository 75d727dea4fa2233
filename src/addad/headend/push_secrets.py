"""The keys of a meter's pushes as text, to be sealed, and back.

The text is the `push` entry of a credentials file, as `addad.reader.credentials` reads it.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from addad.errors import InputError
from addad.reader.credentials import AssociationCredentials, read_credentials


def check_push_keys(entry: AssociationCredentials) -> None:
    """Raise `InputError` for keys that do not prove which meter has pushed."""
    if entry.keys is None:
        raise InputError("push.encryption_key: it is missing")
    if entry.encryption_key_only:
        raise InputError("push.authentication_key: without it anybody could push alarms")
    if entry.meter_title is None:
        raise InputError("push.meter_title: it is missing; it tells whose pushes they are")


def push_entry(fields: dict[str, object]) -> AssociationCredentials:
    """The push keys in these fields of a `push` entry; raises `InputError`."""
    push = read_credentials({"push": fields}, Path()).push
    assert push is not None
    check_push_keys(push)
    return push


def push_text(entry: AssociationCredentials) -> str:
    """Push keys as text."""
    keys, pairs = entry.keys, entry.elliptic
    assert keys is not None
    octets = {
        "meter_title": entry.meter_title,
        "client_title": entry.client_title,
        "encryption_key": keys.encryption,
        "authentication_key": keys.authentication,
        "broadcast_key": keys.broadcast,
        "master_key": keys.master,
        "dedicated_key": entry.dedicated_key,
    }
    fields: dict[str, object] = {"suite": int(entry.suite)}
    fields |= {name: value.hex() for name, value in octets.items() if value is not None}
    for name, private in (("signing_key", pairs.signing), ("agreement_key", pairs.agreement)):
        if private is not None:
            pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            fields[name] = pem.decode("ascii")
    for name, public in (
        ("meter_signing_key", pairs.meter_signing),
        ("meter_agreement_key", pairs.meter_agreement),
    ):
        if public is not None:
            form = PublicFormat.SubjectPublicKeyInfo
            fields[name] = public.public_bytes(Encoding.PEM, form).decode("ascii")
    return json.dumps(fields)


def read_push_text(text: str) -> AssociationCredentials:
    """The push keys in a text of `push_text`; raises `InputError`."""
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise InputError("these are no push keys")
    return push_entry(fields)
