"""The push setup in each version that a table may name: the same settings in its own form."""

from dataclasses import replace

import pytest

from addad import obis
from addad.cosem.classes.internet import (
    MessageType,
    PushSetup,
    PushSetupV1,
    PushSetupV2,
    RepetitionDelay,
    SendDestination,
    TransportService,
)
from addad.cosem.cosem_object import CosemObject
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, InputError
from addad.meter.device import Block, Meter
from addad.meter.object_model import ObjectModel
from addad.meter.push_object import PUSH_OBJECTS, push_object
from addad.meter.settings import MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from meter.conftest import START

TO = SendDestination(TransportService.TCP, b"head.end:4060", MessageType.A_XDR)


def _made(version: int) -> tuple[Meter, CosemObject]:
    model = ObjectModel.parse(f"push_version = {version}")
    meter = Meter(MeterSettings(Passwords(b"r", b"m"), model=model), VolatileMemory())
    meter.step(Block(START, 0.0))
    return meter, push_object(meter)


@pytest.mark.parametrize(("version", "known"), [(0, PushSetup), (1, PushSetupV1), (2, PushSetupV2)])
def test_each_version_has_all_its_attributes_and_the_same_settings(
    version: int, known: type
) -> None:
    meter, setup = _made(version)
    assert setup.interface_class is known
    assert set(setup.reads) == set(known.attributes)
    for index, reads in setup.reads.items():
        octets = reads.encode(None)
        assert isinstance(octets, bytes)
        known.attributes[index].type.decode(octets)
    pushed = known.push_object_list.type.decode(setup.reads[2].encode(None))
    assert [tuple(one)[:4] for one in pushed] == [tuple(one) for one in PUSH_OBJECTS]
    destination = known.send_destination_and_method
    setup.writes[destination.index].accept(destination.type.to_data(TO))
    assert meter.notices.destination == "head.end:4060"
    for other in (
        TO._replace(transport_service=TransportService.UDP),
        TO._replace(message=MessageType.XML),
        TO._replace(destination=b"nowhere"),
    ):
        with pytest.raises(AccessError):
            setup.writes[destination.index].accept(destination.type.to_data(other))


def test_a_delay_that_grows_is_refused() -> None:
    meter, setup = _made(2)
    delay = PushSetupV2.repetition_delay
    setup.writes[7].accept(delay.type.to_data(RepetitionDelay(30, 100, 30)))
    assert meter.notices.queue.delay_s == 30
    for growing in (RepetitionDelay(30, 200, 30), RepetitionDelay(30, 100, 60)):
        with pytest.raises(AccessError) as refused:
            setup.writes[7].accept(delay.type.to_data(growing))
        assert refused.value.result == DataAccessResult.OTHER_REASON


def test_a_reset_forgets_what_is_to_be_told() -> None:
    meter, setup = _made(2)
    meter.notices.set_destination(b"head.end:4060")
    setup.does[1].invoke(None)
    assert meter.notices.queue.pending
    setup.does[2].invoke(None)
    assert not meter.notices.queue.pending


def test_no_other_version_can_be_named() -> None:
    with pytest.raises(InputError, match="push_version"):
        ObjectModel.parse("push_version = 3")
    base = ObjectModel.parse("push_version = 1")
    assert ObjectModel().over(base).push_version == 1
    assert replace(ObjectModel(), push_version=2).over(base).push_version == 2
    assert PUSH_OBJECTS[0].logical_name == obis.PUSH_SETUP_ALARM
