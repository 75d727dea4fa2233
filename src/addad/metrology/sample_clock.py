"""Whether samples come at the rate they are said to come at, and whether the clock jumps.

The uncertainty of a class A instrument's clock is that of IEC 61000-4-30; a sampling rate that is
off by a part is an energy, and a frequency, that is off by that part.
"""

import math

from addad.errors import InputError
from addad.metrology.window import WindowFlag

_TOLERANCE = 1e-3
"""A rate that is off by more is told: energy and frequency would be off by as much."""
_SPAN_S, _SPAN_MAX_S = 10.0, 60.0
"""How long a rate is measured: at least, and before it is measured anew."""
_LATE_S = 0.05
"""A moment may be noted so much later than it was: a process is not always at hand."""
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
        self.measured_rate = math.nan
        """Samples a second [Hz], of the last ten seconds or more; NaN before, and after a jump."""
        self._begin: tuple[int, float] | None = None
        self._last: tuple[int, float] | None = None
        self._is_off = False

    def observe(self, sample: int, utc_s: float) -> WindowFlag:
        """Take note that this sample of the stream came at this time [s], and say what is wrong.

        CLOCK_JUMP: the time is more than 0.1 s, and 3 % of what passed, from where the samples put
        it; the rate is measured anew from here. SAMPLE_RATE_OFF: by more than 0.1 % over ten
        seconds or more, and by more than a moment may be noted late.
        """
        before, self._last = self._last, (sample, utc_s)
        if self._begin is None or before is None:
            self._begin = self._last
            return WindowFlag.NONE
        expected = (sample - before[0]) / self.sample_rate
        if not abs(utc_s - before[1] - expected) <= max(JUMP_S, _JUMP_PART * expected):
            self._begin, self._is_off, self.measured_rate = self._last, False, math.nan
            return WindowFlag.CLOCK_JUMP
        count, seconds = sample - self._begin[0], utc_s - self._begin[1]
        if seconds >= _SPAN_S:
            self.measured_rate = count / seconds
            off_s = abs(count / self.sample_rate - seconds)
            self._is_off = off_s > max(_TOLERANCE * seconds, _LATE_S)
            if seconds >= _SPAN_MAX_S:
                self._begin = self._last
        return WindowFlag.SAMPLE_RATE_OFF if self._is_off else WindowFlag.NONE
