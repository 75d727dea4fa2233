"""What `addad read` prints for programs: objects, readings, profiles, a whole meter, a survey.

Attributes that were not read say why, in place of a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from addad import __version__
from addad.cli.read_cures import rows_cure
from addad.cli.read_tables import class_name, given_name
from addad.cosem.classes.access import ObjectListElement
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import Data
from addad.dlms.parameters import Negotiated
from addad.dlms.security.suite import Protection
from addad.errors import AccessError, AddadError
from addad.obis import LOGICAL_DEVICE_NAME
from addad.reader.meter_access import MeterAccess
from addad.reader.meter_address import MeterAddress
from addad.reader.plain_values import Plain, plain, typed
from addad.reader.scan import Reading, attribute_of
from addad.reader.snapshot import ObjectReading, ProfileReading
from addad.reader.survey import Answer


def object_json(element: ObjectListElement, reading: Reading | None = None) -> dict[str, Plain]:
    """An object's name and class, and one reading of it."""
    shown: dict[str, Plain] = {
        "logical_name": str(element.logical_name),
        "class_id": element.class_id,
        "version": element.version,
        "class": class_name(element),
        "name": given_name(element),
    }
    if reading is not None:
        shown.update(reading_json(element, reading))
    return shown


def reading_json(element: ObjectListElement, reading: Reading) -> dict[str, Plain]:
    """A value; with scaler and unit where it is a quantity, with its type where nobody knows it."""
    if reading.refused is not None:
        return {"refused": reading.refusal}
    if reading.fault:
        return {"fault": reading.fault}
    scaled = reading.quantity
    if scaled is not None:
        scaler = scaled.scaler_unit.scaler
        value, raw = plain(scaled.value), plain(scaled.raw)
        return {"value": value, "unit": scaled.unit, "raw": raw, "scaler": scaler}
    if isinstance(reading.value, Data) and attribute_of(element, reading.index) is None:
        shown = typed(reading.value)
        assert isinstance(shown, dict)
        return shown
    return {"value": plain(reading.value)}


def full_json(read: ObjectReading) -> dict[str, Plain]:
    """An object with all that was read of it; of a profile also its rows."""
    full = object_json(read.element)
    attributes: dict[str, Plain] = {}
    for reading in read.readings:
        attributes[reading.name] = {
            "attribute": reading.index,
            **reading_json(read.element, reading),
        }
    full["attributes"] = attributes
    if read.profile is not None:
        full.update(profile_json(read.profile))
    elif read.profile_fault is not None:
        attributes["buffer"] = {"attribute": 2, **_rows_fault(read.profile_fault)}
    return full


def _rows_fault(fault: AddadError) -> dict[str, Plain]:
    kind = "refused" if isinstance(fault, AccessError) else "fault"
    return {kind: f"{fault}{rows_cure(fault)}"}


def profile_json(profile: ProfileReading) -> dict[str, Plain]:
    """Columns, their units, and the rows with the numbers as they came."""
    table = profile.table
    of = [profile.units.get(column) for column in table.columns]
    return {
        "columns": list(table.titles),
        "units": [u and {"scaler": u.scaler, "unit": u.symbol} for u in of],
        "rows": [[plain(cell) for cell in row] for row in table.rows],
    }


def association_json(who: MeterAccess, negotiated: Negotiated, version: int | None) -> Plain:
    """Who asked, how it was protected, and what was agreed; no secret."""
    secret = who.credentials
    ciphered = secret.keys is not None and bool(secret.protection)
    return {
        "client": who.client_sap,
        "logical_device": who.server_sap,
        "mechanism": _word(secret.mechanism),
        "pre_established": who.pre_established,
        "suite": int(secret.suite) if ciphered else None,
        "protection": _flags(secret.protection) if ciphered else [],
        "verified": not secret.encryption_key_only if ciphered else False,
        "services": _services(negotiated),
        "max_pdu": negotiated.max_pdu,
        "association_version": version,
    }


def meter_json(where: MeterAddress, read: Sequence[ObjectReading]) -> Plain:
    """Which meter it was, and when it was read."""
    told = [
        reading.value
        for one in read
        if one.element.logical_name == LOGICAL_DEVICE_NAME
        for reading in one.readings
        if reading.index == 2
    ]
    return {
        "address": str(where),
        "transport": where.transport.value,
        "logical_device_name": plain(told[0]) if told else None,
        "read_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "read_by": f"addad {__version__}",
    }


def answer_json(answer: Answer) -> Plain:
    """One line of a survey."""
    agreed = answer.negotiated
    return {
        "client": answer.client_sap,
        "logical_device": answer.server_sap,
        "answer": answer.welcome.name.lower(),
        "mechanism": _word(answer.mechanism),
        "reason": answer.reason,
        "objects": answer.objects,
        "attributes": answer.attributes,
        "services": [] if agreed is None else _services(agreed),
        "max_pdu": None if agreed is None else agreed.max_pdu,
    }


def _services(negotiated: Negotiated) -> list[Plain]:
    return [_word(service) for service in Conformance if service in negotiated.conformance]


def _flags(protection: Protection) -> list[Plain]:
    return [_word(one) for one in Protection if one and one in protection]


def _word(name: Mechanism | Conformance | Protection) -> str:
    return (name.name or str(int(name))).lower()
