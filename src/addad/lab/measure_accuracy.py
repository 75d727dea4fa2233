"""What the user states of the instrument that made a recording: limits of error, and what follows.

A limit without a probability is a rectangle (JCGM 100): its standard uncertainty is a/√3.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from addad.metrology.uncertainty_inputs import InputUncertainty
from addad.world.recording import ChoiceError

CHANNELS = ("U1", "U2", "U3", "I1", "I2", "I3", "IN")
NOT_STATED = (
    "± holds the true value with 95 % (k = 2), by what the samples show: noise and quantisation; "
    "the front end (transformers, dividers, sampling clock) is not in it, as nobody stated it: "
    "--accuracy 'U=0.2%/10min,I=0.5%/30min,clock=20ppm'"
)
_FORM = "write it like U=0.2%/10min,I=0.5%/30min,clock=20ppm"
_REFERENCE_FREQUENCY = 50.0
_SHARES = {"%": 1e-2, "ppm": 1e-6}
_ANGLES = {
    "min": math.pi / 10800.0, "'": math.pi / 10800.0, "′": math.pi / 10800.0,
    "deg": math.pi / 180.0, "°": math.pi / 180.0, "mrad": 1e-3,
}  # fmt: skip
_ROOT_3 = math.sqrt(3.0)
_ENTRY = re.compile(
    r"(?i)(?P<name>[a-z0-9]+)\s*=\s*(?P<share>\d{1,9}(?:\.\d{1,12})?)\s*(?P<unit>%|ppm)"
    r"(?:\s*/\s*(?P<angle>\d{1,9}(?:\.\d{1,12})?)\s*(?P<turn>min|'|′|deg|°|mrad))?"
)


@dataclass(frozen=True)
class Accuracy:
    """Limits of error: by channel (U1 to U3, I1 to I3, IN) of size and angle [rad], and of clock.

    None where nothing is stated; `text` is how the user wrote it.
    """

    gain: tuple[float | None, ...] = (None,) * len(CHANNELS)
    phase: tuple[float | None, ...] = (None,) * len(CHANNELS)
    clock: float | None = None
    text: str = ""

    def inputs(self, quantum: tuple[float, ...], frequency: float) -> InputUncertainty:
        """Standard uncertainties; `quantum` by channel, angles stated at `frequency` [Hz].

        Errors of different channels are taken as independent of each other.
        """
        turn = _REFERENCE_FREQUENCY / frequency
        return InputUncertainty(
            gain=tuple((limit or 0.0) / _ROOT_3 for limit in self.gain),
            phase=tuple(turn * (limit or 0.0) / _ROOT_3 for limit in self.phase),
            quantum=quantum,
            clock=(self.clock or 0.0) / _ROOT_3,
        )

    def told(self, measured: tuple[bool, ...], powered: bool) -> str:
        """What ± is made of, in a sentence; `measured` tells which channels the record has."""
        if not self.text:
            return NOT_STATED
        missing = [name for k, name in enumerate(CHANNELS) if measured[k] and self.gain[k] is None]
        if powered:
            missing += [
                f"angle of {name}"
                for k, name in enumerate(CHANNELS)
                if measured[k] and self.gain[k] is not None and self.phase[k] is None
            ]
        missing += ["clock"] if self.clock is None else []
        lacks = f"; not stated, and not in it: {', '.join(missing)}" if missing else ""
        return (
            f"± holds the true value with 95 % (k = 2), by the limits of error {self.text} and by "
            f"what the samples show: noise and quantisation{lacks}"
        )


UNSTATED = Accuracy()


def parse_accuracy(text: str) -> Accuracy:
    """`U=0.2%/10min,I=0.5%/30min,IN=1%,clock=20ppm`; ChoiceError for what is no such thing.

    U and I are all voltages and currents; a channel named by itself, as I2, goes before them.
    """
    gain: dict[str, float] = {}
    phase: dict[str, float] = {}
    for part in text.split(","):
        found = _ENTRY.fullmatch(part.strip())
        if found is None:
            raise ChoiceError(f"--accuracy {part.strip()!r}: {_FORM}")
        name = found["name"].upper().replace("I4", "IN")
        if name not in (*CHANNELS, "U", "I", "CLOCK") or name in gain:
            again = "stands there twice" if name in gain else "is no channel"
            raise ChoiceError(
                f"--accuracy {part.strip()!r}: {found['name']} {again}; give U, I, clock, "
                f"or one of {', '.join(CHANNELS)}"
            )
        gain[name] = float(found["share"]) * _SHARES[found["unit"].lower()]
        if found["angle"]:
            phase[name] = float(found["angle"]) * _ANGLES[found["turn"].lower()]
        if gain[name] >= 1.0 or phase.get(name, 0.0) > math.pi / 2.0 or "CLOCK" in phase:
            raise ChoiceError(f"--accuracy {part.strip()!r}: no such limit of error; {_FORM}")
    return Accuracy(
        gain=tuple(gain.get(name, gain.get(name[0])) for name in CHANNELS),
        phase=tuple(phase.get(name) if name in gain else phase.get(name[0]) for name in CHANNELS),
        clock=gain.get("CLOCK"),
        text=text.strip(),
    )
