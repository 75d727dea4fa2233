import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.blocks import plain
from addad.metrology.flicker import Flickermeter, FlickerSettings
from addad.metrology.power_quality import PowerQuality, PowerQualitySettings

RATE = 2000.0


def read_only(x):
    y = x.copy()
    y.flags.writeable = False
    return y


SHAPES = [
    np.asfortranarray,
    lambda x: np.repeat(x, 2, axis=0)[::2],
    lambda x: np.concatenate([x, x], axis=1)[:, : x.shape[1]],
    read_only,
    lambda x: x.astype(">f8"),
    lambda x: x.astype(np.longdouble),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_order_of_a_block_in_memory_changes_nothing(supply, shape):
    x = np.ascontiguousarray(supply(RATE, 4.0, neutral=False)[0])
    given = shape(x)
    settings = InstrumentSettings(RATE, currents=x.shape[1] - 3)
    wanted, found = (Instrument(settings).process(y[None]) for y in (x, given))
    assert [w.u_rms.tolist() for w in found] == [w.u_rms.tolist() for w in wanted]

    def sensed(y):
        meter = Flickermeter(FlickerSettings(RATE))
        meter.process(y[None])
        return meter.instantaneous.tolist()

    assert sensed(given) == sensed(x)
    all_of_it = [PowerQuality(PowerQualitySettings(settings), 0.0).process(y) for y in (x, given)]
    assert all_of_it[0].half_cycles.rms.tolist() == all_of_it[1].half_cycles.rms.tolist()


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64, np.float16])
def test_other_numbers_are_taken_as_what_they_are(supply, kind):
    given = supply(RATE, 4.0)[0, :, :3].astype(kind)
    meters = [Flickermeter(FlickerSettings(RATE)) for _ in range(2)]
    for meter, y in zip(meters, (given, given.astype(np.float64)), strict=True):
        meter.process(y[None])
    assert meters[0].instantaneous.tolist() == meters[1].instantaneous.tolist()


@pytest.mark.parametrize(
    "wrong",
    [None, [[1.0, 2.0, 3.0]], np.zeros((5, 3), complex), np.zeros((5, 3), bool),
     np.zeros((5, 3), object), np.zeros((5, 3), "U3")],
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_refused(wrong):
    with pytest.raises(InputError, match="give"):
        plain(wrong)
    with pytest.raises(InputError, match="give"):
        PowerQuality(PowerQualitySettings(InstrumentSettings(RATE, currents=0)), 0.0).process(wrong)


@pytest.mark.parametrize("shape", [(5,), (5, 2), (1, 5, 3)])
def test_power_quality_wants_its_channels(shape):
    meter = PowerQuality(PowerQualitySettings(InstrumentSettings(RATE, currents=0)), 0.0)
    with pytest.raises(InputError, match="U1, U2, U3"):
        meter.process(np.zeros(shape))
