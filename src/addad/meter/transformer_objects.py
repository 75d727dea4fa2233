"""The ratios of the transformers before the meter, as objects.

Blue Book: Data, 1-0:0.4.2 to 1-0:0.4.6. Who may write at all is the association's affair: here the
management clients. A change takes effect at once and is logged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from addad import obis
from addad.cosem.classes.measurement import Data
from addad.cosem.cosem_object import CosemObject
from addad.dlms.results import DataAccessResult
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import AccessError, InputError
from addad.meter.device import Meter
from addad.meter.transformers import Ratio
from addad.obis import Obis

_PARTS: Final[tuple[tuple[Obis, str, str], ...]] = (
    (obis.CURRENT_RATIO_NUMERATOR, "current", "numerator"),
    (obis.VOLTAGE_RATIO_NUMERATOR, "voltage", "numerator"),
    (obis.CURRENT_RATIO_DENOMINATOR, "current", "denominator"),
    (obis.VOLTAGE_RATIO_DENOMINATOR, "voltage", "denominator"),
)


def transformer_objects(meter: Meter) -> Iterator[CosemObject]:
    """Numerators and denominators, of a meter that is operated by transformers."""
    if meter.measured.transformers.ratios is not None:
        for name, which, part in _PARTS:
            yield _part(meter, name, which, part)


def _part(meter: Meter, name: Obis, which: str, part: str) -> CosemObject:
    def ratio() -> Ratio:
        found: Ratio = getattr(meter.measured.transformers.ratios, which)
        return found

    def read() -> int:
        number: int = getattr(ratio(), part)
        return number

    def write(number: int) -> None:
        ratios = meter.measured.transformers.ratios
        assert ratios is not None
        try:
            made = replace(ratio(), **{part: number})
            changed = (
                replace(ratios, current=made)
                if which == "current"
                else replace(ratios, voltage=made)
            )
        except InputError as problem:
            raise AccessError(DataAccessResult.OTHER_REASON, str(problem)) from problem
        meter.change_transformers(changed)

    value = Data.value.typed(DoubleLongUnsigned)
    return CosemObject(Data, name, value.reads(read), value.writes(write))
