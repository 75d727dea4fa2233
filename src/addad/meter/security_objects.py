"""The objects of keys and counters: Security setup, and what was accepted last.

Logical names of the Blue Book: 0-0:43.0.e, and 0-b:43.1.e, where b 0 is the client's own key and
b 1 the broadcast key. A counter is advice to a client that has lost its own, and no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from addad.cosem.classes.measurement import Data
from addad.cosem.classes.security import SecuritySetup
from addad.cosem.cosem_object import CosemObject
from addad.cosem.security_setup import security_setup_bindings
from addad.dlms.security.keys import KeyId
from addad.dlms.types import DoubleLongUnsigned
from addad.meter.security import MeterSecurity
from addad.obis import Obis

_CHANNELS = {KeyId.GLOBAL_UNICAST_ENCRYPTION: 0, KeyId.GLOBAL_BROADCAST_ENCRYPTION: 1}


def security_objects(security: MeterSecurity) -> Iterator[CosemObject]:
    """Three objects for each security setup."""
    for number, setup in security.setups.items():
        name = Obis.parse(f"0-0:43.0.{number}")
        yield CosemObject(SecuritySetup, name, *security_setup_bindings(setup))
        for key, channel in _CHANNELS.items():
            value = Data.value.typed(DoubleLongUnsigned)
            name = Obis.parse(f"0-{channel}:43.1.{number}")
            yield CosemObject(Data, name, value.reads(_accepted(security, number, key)))


def _accepted(security: MeterSecurity, number: int, key: KeyId) -> Callable[[], int]:
    return lambda: security.accepted(number, key)
