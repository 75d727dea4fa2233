"""What `addad read` says of a failure: what it was, and what to check.

The words of the protocol come first; the options that may be wrong follow. No secret is shown.
"""

from __future__ import annotations

from typing import Final

from addad.cli.read_options import Order
from addad.dlms.results import DataAccessResult, UserDiagnostic
from addad.errors import (
    AccessError,
    AddadError,
    AssociationError,
    DecodeError,
    LinkError,
    SecurityError,
    SecurityFault,
)
from addad.reader.meter_address import Transport

_KEYS: Final = "a key or a system title in the credentials is another one than the meter's"
_FAULTS: Final = {
    SecurityFault.DECIPHERING: f"{_KEYS}; check encryption_key, authentication_key and meter_title",
    SecurityFault.AUTHENTICATION: "what the meter answered to the challenge was made with another "
    "secret or key; check password, keys and titles in the credentials",
    SecurityFault.UNKNOWN_TITLE: "check meter_title in the credentials",
    SecurityFault.SIGNATURE: "check signing_key and meter_signing_key in the credentials",
    SecurityFault.POLICY: "check protection and mechanism in the credentials",
    SecurityFault.KEY: "check the keys in the credentials",
}
_ROWS_REFUSED: Final = frozenset(
    (
        DataAccessResult.SCOPE_OF_ACCESS_VIOLATED,
        DataAccessResult.TYPE_UNMATCHED,
        DataAccessResult.OBJECT_UNAVAILABLE,
        DataAccessResult.OTHER_REASON,
    )
)


def cured(fault: AddadError, told: Order) -> AddadError:
    """The failure, of the same kind, with what to check."""
    cure = _cure(fault, told)
    if not cure:
        return fault
    words = f"{fault}; {cure}"
    if isinstance(fault, AssociationError):
        return AssociationError(words, fault.result, fault.diagnostic)
    if isinstance(fault, SecurityError):
        return SecurityError(words, fault.fault, fault.expected_counter)
    if isinstance(fault, AccessError):
        return AccessError(fault.result, words)
    return type(fault)(words)


def _cure(fault: AddadError, told: Order) -> str:
    secret = told.who.credentials
    from_file = bool(told.credentials.associations)
    if isinstance(fault, AssociationError):
        if secret.keys is not None:
            who = f"client {told.who.client_sap} in the credentials"
            return f"check --client, --server, and the mechanism, keys and titles of {who}"
        if fault.diagnostic == UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED:
            return "this client may want keys: give them by --credentials, or check --client"
        return f"check --client, --server and {'--credentials' if from_file else '--password'}"
    if isinstance(fault, SecurityError):
        if fault.fault is SecurityFault.REPLAY:
            return _replay(fault, told)
        return _FAULTS.get(fault.fault, "")
    words = str(fault)
    if isinstance(fault, LinkError) and "answered" in words:
        return _silence(told)
    if isinstance(fault, LinkError) and "closed the connection" in words:
        if told.where.transport is Transport.HDLC:
            return "does it speak HDLC? Leave --hdlc away where it does not"
        return "some meters do so when the client, a key or a title is wrong" if from_file else ""
    if secret.keys is not None and "deciphering error" in words:
        return _FAULTS[SecurityFault.DECIPHERING]
    if told.where.gateway is not None and "of the gateway itself" in words:
        return "is it a gateway, and this meter behind it?"
    return ""


def rows_cure(fault: AddadError) -> str:
    """What may help where rows of a profile are refused, or come in another form."""
    if isinstance(fault, AccessError) and fault.result in _ROWS_REFUSED:
        return "; try --quirk whole-buffer"
    if isinstance(fault, DecodeError) and "columns" in str(fault):
        return "; try --quirk short-rows"
    return ""


def _replay(fault: SecurityError, told: Order) -> str:
    if told.counter_file is None:
        return ""
    return (
        f"the invocation counters do not agree; check invocation_counter in the credentials, and "
        f"{told.counter_file.name} beside them"
    )


def _silence(told: Order) -> str:
    where = told.where
    if where.transport is Transport.SERIAL:
        return "check the cable, --baud, --mode-e, --physical and --address-size"
    if where.transport is Transport.HDLC:
        return "check --client, --server, --physical and --address-size"
    if where.transport is Transport.UDP:
        return "check the address, --client and --server; does the meter speak UDP?"
    if where.transport is Transport.TCP:
        return "if it is an HDLC line, say --hdlc"
    return ""
