"""Whether samples come at the rate they are said to come at, and whether the clock jumps.

The uncertainty of a class A instrument's clock is that of IEC 61000-4-30; a sampling rate that is
off by a part is an energy, and a frequency, that is off by that part.
"""

import math

from addad.errors import InputError
from addad.metrology.window import WindowFlag

_TOLERANCE = 1e-3
_SPAN_S = 10.0
JUMP_S = 0.1
"""A clock that is set by more has jumped."""
_JUMP_PART = 0.03


class SampleClock:
    """Compares counted samples with the time of day, from one observation to the next.

    `sample_rate` [Hz] is what the samples are said to have. Raises InputError unless it is
    positive.
    """

    def __init__(self, sample_rate: float) -> None:
        if not 0.0 < sample_rate < math.inf:
            raise InputError(f"sampling rate {sample_rate} Hz: give more than 0")
        self.sample_rate = sample_rate
        self._begin: tuple[int, float] | None = None
        self._last: tuple[int, float] | None = None

    @property
    def measured_rate(self) -> float:
        """Samples per second [Hz] since the clock last jumped; NaN before ten seconds of them."""
        if self._begin is None or self._last is None:
            return math.nan
        seconds = self._last[1] - self._begin[1]
        return (self._last[0] - self._begin[0]) / seconds if seconds >= _SPAN_S else math.nan

    def observe(self, sample: int, utc_s: float) -> WindowFlag:
        """Take note that this sample of the stream came at this time [s], and say what is wrong.

        CLOCK_JUMP: the time is more than 0.1 s, and 3 % of what passed, from where the samples put
        it; the rate is measured anew from here. SAMPLE_RATE_OFF: by more than 0.1 % over ten
        seconds or more. Give it to `Instrument.flag_next`, or `Instrument.gap` for lost samples.
        """
        before, self._last = self._last, (sample, utc_s)
        if self._begin is None or before is None:
            self._begin = self._last
            return WindowFlag.NONE
        expected = (sample - before[0]) / self.sample_rate
        if not abs(utc_s - before[1] - expected) <= max(JUMP_S, _JUMP_PART * expected):
            self._begin = self._last
            return WindowFlag.CLOCK_JUMP
        if abs(self.measured_rate / self.sample_rate - 1.0) > _TOLERANCE:
            return WindowFlag.SAMPLE_RATE_OFF
        return WindowFlag.NONE
