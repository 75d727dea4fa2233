"""The counter to send next: the meter's word, held against what was sent."""

import pytest

import virtual_time
from addad.cosem.classes import Data
from addad.cosem.cosem_object import CosemObject
from addad.cosem.server import ServerEndpoint
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import AccessError, SecurityError, SecurityFault
from addad.net.client import Client
from addad.net.invocation_counter import (
    AHEAD_MAX,
    INVOCATION_COUNTER,
    next_counter,
    read_invocation_counter,
)
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from cosem.sample_device import READER, SampleMeter
from net.memory_link import memory_pair


@pytest.mark.parametrize("stored", [None, 0, 41, 42])
def test_a_counter_that_can_be_true_is_followed_by_the_next(stored: int | None) -> None:
    assert next_counter(42, stored) == 43


def test_a_counter_below_what_was_sent_is_refused() -> None:
    with pytest.raises(SecurityError, match="tells invocation counter 41, and 42 was sent") as no:
        next_counter(41, 42)
    assert no.value.fault is SecurityFault.REPLAY


def test_a_counter_far_above_is_for_somebody_to_look_at() -> None:
    assert next_counter(42 + AHEAD_MAX, 42) == 43 + AHEAD_MAX
    with pytest.raises(SecurityError, match="far above 42") as no:
        next_counter(43 + AHEAD_MAX, 42)
    assert no.value.fault is SecurityFault.POLICY


def test_it_is_read_from_the_meter() -> None:
    async def main() -> None:
        meter = SampleMeter()
        counter = Data.value.typed(DoubleLongUnsigned).reads(lambda: 1000)

        async def read(stored: int | None) -> int:
            link = FrameLink("the meter")
            memory_pair(link, ServerLink(ServerEndpoint(meter.physical_device)))
            async with Client(link, client_sap=2, password=READER) as client:
                return await read_invocation_counter(client, stored)

        with pytest.raises(AccessError, match="object undefined"):
            await read(None)
        meter.device.add(CosemObject(Data, INVOCATION_COUNTER, counter))
        assert await read(None) == 1001
        assert await read(900) == 1001
        with pytest.raises(SecurityError):
            await read(1001)

    virtual_time.run(main())
