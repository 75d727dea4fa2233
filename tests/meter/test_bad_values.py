"""Values and parameters that are nearly right: refused or taken, and never a fault of the meter."""

from random import Random

import pytest

from addad.cosem.association_object import NegotiatedContext
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import decode
from addad.dlms.results import DataAccessResult
from addad.errors import DecodeError, LocalProtocolError
from foreign.bench_meter import OTHER_VALUES, bench_meter

ROUNDS = 40
KEYS_AND_SECRETS = (15, 64)


def mutated(random: Random, octets: bytes) -> bytes:
    """A few octets changed, left out or put in."""
    out = bytearray(octets)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(out) + 1)
        match random.randrange(3):
            case 0 if at < len(out):
                out[at] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
            case 1 if at < len(out):
                del out[at]
            case _:
                out.insert(at, random.randrange(256))
    return bytes(out)


@pytest.mark.parametrize("seed", range(3))
def test_nearly_right_values_are_no_faults(seed: int) -> None:
    random = Random(seed)
    desk = bench_meter()
    device = desk.device.at(1)
    assert device is not None
    context = NegotiatedContext(Conformance(0x00101D), 1024, 1024)
    management = device.open(device.associations[1], context)
    taken = tried = 0
    for _ in range(ROUNDS):
        for item in device:
            class_id = item.interface_class.class_id
            seeds = [reads.encode(None) for index, reads in item.reads.items() if index > 1]
            whole = [octets for octets in seeds if isinstance(octets, bytes)]
            for writes in item.writes.values():
                attribute = writes.attribute
                other = OTHER_VALUES.get((class_id, attribute.name))
                try:
                    octets = random.choice(whole) if other is None else attribute.type.encode(other)
                    data = decode(mutated(random, octets))
                except (DecodeError, LocalProtocolError):
                    continue
                tried += 1
                result = management.set(attribute.of(item.logical_name), data)
                taken += result is DataAccessResult.SUCCESS
            for does in item.does.values():
                if class_id in KEYS_AND_SECRETS or not whole:
                    continue
                try:
                    data = decode(mutated(random, random.choice(whole)))
                except DecodeError:
                    continue
                management.action(does.method.of(item.logical_name), data)
        for item in device:
            for index in item.reads:
                management.get(item.interface_class.attributes[index].of(item.logical_name))
        desk.step(1.0)
    assert tried > taken > 0
    assert desk.faults == []
