"""Memories that fail on purpose, and a meter that is ready to be stepped."""

import errno
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from typing import NamedTuple

import pytest

from addad.cosem.association_object import NegotiatedContext
from addad.cosem.interface_class import Attribute, Method
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import Data
from addad.dlms.results import ActionResult, DataAccessResult
from addad.meter.device import Block, Inputs, Meter
from addad.meter.measured import Reading
from addad.meter.object_model import ObjectModel
from addad.meter.objects import build_device
from addad.meter.relay import RelayLimits
from addad.meter.settings import Identity, MeterSettings, Passwords, SupplySettings
from addad.meter.storage import VolatileMemory
from addad.obis import Obis

RESIDENTIAL = files("addad.meter") / "models" / "residential.toml"
SECTOR = 512
SUBSET_MAX = 6


class Call(NamedTuple):
    """One call of the store to its memory."""

    kind: str
    area: str
    offset: int = 0
    octets: bytes = b""


class TracedMemory(VolatileMemory):
    """Remembers every call, and fails from the call `fails_at` on, for `failures` calls.

    A write that fails leaves half of its octets behind; a sync that fails leaves nothing certain.
    """

    def __init__(self, fails_at: int | None = None, failures: int = 1) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.failed: list[Call] = []
        self._fails_at = fails_at
        self._failures = failures

    def _call(self, call: Call) -> None:
        number = len(self.calls) + len(self.failed)
        if self._fails_at is not None and 0 <= number - self._fails_at < self._failures:
            self.failed.append(call)
            if call.kind == "write":
                super().write(call.area, call.offset, call.octets[: len(call.octets) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.calls.append(call)

    def write(self, area: str, offset: int, octets: bytes) -> None:
        self._call(Call("write", area, offset, octets))
        super().write(area, offset, octets)

    def sync(self, area: str) -> None:
        self._call(Call("sync", area))

    def replace(self, area: str, octets: bytes) -> None:
        self._call(Call("replace", area, 0, octets))
        super().replace(area, octets)


def _applied(calls: list[Call]) -> VolatileMemory:
    memory = VolatileMemory()
    for call in calls:
        if call.kind == "write":
            memory.write(call.area, call.offset, call.octets)
        elif call.kind == "replace":
            memory.replace(call.area, call.octets)
    return memory


def memories_after_a_cut(calls: list[Call]) -> Iterator[VolatileMemory]:
    """Every memory that may be found when the power fails after these calls.

    Writes since the last sync of their area may have come through or not, in any combination, and
    the last one in part: up to any sector, or to half of one.
    """
    certain, loose = [], []
    for call in calls:
        if call.kind == "sync":
            certain += [write for write in loose if write.area == call.area]
            loose = [write for write in loose if write.area != call.area]
        elif call.kind == "write":
            loose.append(call)
        else:
            loose = [write for write in loose if write.area != call.area]
            certain.append(call)
    assert len(loose) <= SUBSET_MAX
    for size in range(len(loose) + 1):
        for chosen in combinations(loose, size):
            yield _applied([*certain, *chosen])
    for index, write in enumerate(loose):
        others = loose[:index] + loose[index + 1 :]
        for cut in (*range(SECTOR, len(write.octets), SECTOR), len(write.octets) // 2):
            for kept in (write.octets[:cut], b""):
                part = write._replace(octets=kept)
                yield _applied([*certain, *others, part])
            tail = write._replace(offset=write.offset + cut, octets=write.octets[cut:])
            yield _applied([*certain, tail])


@pytest.fixture
def traced_memory() -> type[TracedMemory]:
    return TracedMemory


@pytest.fixture
def cuts() -> Callable[[list[Call]], Iterator[VolatileMemory]]:
    return memories_after_a_cut


START = datetime(2026, 5, 10, 13, 7, 13, tzinfo=UTC)


def reading(power: float = 3600.0, duration_s: float = 1.0, current: float = 5.0) -> Reading:
    """A window of `power` [W] in total, with the energy that belongs to it."""
    uwh = round(abs(power) * duration_s / 3600 * 1_000_000)
    energy = [0] * 32
    energy[24 + (0 if power >= 0 else 1)] = uwh
    return Reading(
        start_s=0.0,
        duration_s=duration_s,
        frequency=50.012,
        u_rms=[230.1, 231.2, 229.3],
        i_rms=[current, current + 0.5, current + 1.0, 0.25],
        p=[power / 3] * 3,
        q=[100.0, -200.0, 50.0],
        pf=[1.0, -0.5, 0.25],
        p_total=power,
        q_total=-50.0,
        s_total=abs(power) + 10.0,
        pf_total=0.95,
        thd_u=[0.0123, 0.02, 0.03],
        thd_i=[0.5, float("nan"), 0.1],
        u_angle=[0.0, -2.0944, 2.0944],
        i_angle=[0.1, -2.0, 2.2],
        energy=energy,
        flags=0,
    )


class Desk:
    """A meter with its object list, and the three associations that see it."""

    def __init__(self) -> None:
        self.settings = MeterSettings(
            passwords=Passwords(b"reader", b"management"),
            identity=Identity(serial="A1234"),
            supply=SupplySettings(limits=RelayLimits(pause_s=0.0)),
            model=ObjectModel.parse(RESIDENTIAL.read_text("utf-8")),
        )
        self.meter = Meter(self.settings, VolatileMemory())
        self.faults: list[str] = []
        self.device = build_device(self.meter, lambda text, fault: self.faults.append(text))
        logical = self.device.at(1)
        assert logical is not None
        self.logical = logical
        context = NegotiatedContext(Conformance(0x00101D), 1024, 1024)
        self.public, self.reader, self.management = (
            logical.open(logical.associations[sap], context) for sap in (16, 2, 1)
        )
        self.now = START
        self.step(0.0)

    def step(self, elapsed_s: float = 1.0, power: float | None = None, **inputs: object) -> None:
        """Time goes on, with a measurement if `power` is given; then all is saved."""
        self.now += timedelta(seconds=elapsed_s)
        readings = () if power is None else (reading(power, elapsed_s),)
        self.meter.step(Block(self.now, elapsed_s, readings=readings, inputs=Inputs(**inputs)))
        assert self.meter.save() is None

    def get(self, name: Obis, attribute: Attribute, selection: object = None) -> object:
        """The value as the management client decodes it."""
        octets = self.management.get(attribute.of(name, selection))
        assert not isinstance(octets, DataAccessResult), octets
        whole = octets if isinstance(octets, bytes) else b"".join(octets)
        return attribute.type.decode(whole)

    def set(self, name: Obis, attribute: Attribute, value: object) -> DataAccessResult:
        """What the management client's SET answers."""
        return self.management.set(attribute.of(name), attribute.type.to_data(value))

    def act(self, name: Obis, method: Method, parameter: Data | None = None) -> ActionResult:
        """What the management client's ACTION answers."""
        return self.management.action(method.of(name), parameter)[0]


@pytest.fixture
def desk() -> Desk:
    return Desk()
