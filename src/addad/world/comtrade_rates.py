"""When the samples of a COMTRADE recording were taken: by its rates, and by its time stamps.

Written from real files: one rate; none, and stamps instead; a fast one around a fault and a slow
one; or dozens that follow the mains, of a recorder that takes so many samples a cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from addad.world.comtrade_configuration import Section
from addad.world.comtrade_data import DataFile
from addad.world.even_rate import RateCourse, rate_course
from addad.world.recording import ChoiceError, Reading

_TRACKED = 1.1
"""Rates whose ratio is at most this follow the mains; others are another mode of the recorder."""
_SLOWEST = 100.0
"""Slower ones [Hz] are none of waveforms."""
_LISTED = 6


@dataclass(frozen=True)
class Timing:
    """The rows that are read, `first` to `last` (out), and when they were taken.

    `rate` [Hz] is that of the samples, after `course` has brought them to it if there is one;
    `before_s` [s] is the time of the rows before them, None where no rate tells it. `jumps` are
    samples at which the stamps jump; `rate_off`: they run at another rate.
    """

    first: int
    last: int
    rate: float
    before_s: float | None
    notes: tuple[str, ...]
    jumps: tuple[int, ...] = ()
    rate_off: bool = False
    course: RateCourse | None = None

    @property
    def samples(self) -> int:
        """How many samples come out."""
        return self.last - self.first if self.course is None else self.course.samples


def timing(
    stated: Sequence[Section], data: DataFile, reading: Reading, unit_s: float, name: str
) -> Timing:
    """What is read, and when it was taken; ChoiceError for a section that is not there."""
    sections = _joined(stated)
    course = _course(sections, data, reading, unit_s)
    if course is not None:
        rates = [section.rate for section in sections]
        note = (
            f"{len(sections)} sampling rates follow the mains, {min(rates):.6g} to {max(rates):.6g}"
            f" S/s: brought to {course.rate:.6g} S/s; --section reads one as it is"
        )
        whole = (sections[0].first, sections[-1].last)
        return Timing(*whole, course.rate, 0.0, (note,), course=course)
    section, notes = _chosen(sections, reading, name)
    rate = section.rate
    if reading.rate is not None:
        rate = reading.rate
    elif not rate > 0.0:
        rate, more = data.rate_by_time_stamps(section.first, section.last, unit_s)
        notes += more
    stamps = data.time_stamps(section.first, section.last, unit_s)
    if stamps.jumps and reading.rate is None and not section.rate > 0.0:
        rate = stamps.rate
    says = "it states" if reading.rate is None else "--rate states"
    notes += stamps.notes("the time of its stamps", rate, says)
    before = [other for other in sections if other.last <= section.first]
    known = all(other.rate > 0.0 for other in before)
    return Timing(
        section.first,
        section.last,
        rate,
        sum((s.last - s.first) / s.rate for s in before) if known else None,
        tuple(notes),
        tuple(sample for sample, _ in stamps.jumps),
        stamps.is_off(rate),
    )


def _joined(sections: Sequence[Section]) -> list[Section]:
    """The same, with neighbours of one rate as one."""
    joined: list[Section] = []
    for section in sections:
        if joined and joined[-1].rate == section.rate:
            joined[-1] = replace(joined[-1], last=section.last)
        else:
            joined.append(section)
    return joined


def _course(
    sections: Sequence[Section], data: DataFile, reading: Reading, unit_s: float
) -> RateCourse | None:
    """How the rate follows the mains; None where it does not, or something else is asked for.

    Nor where the stamps jump: then there are gaps between the stretches.
    """
    rates = [section.rate for section in sections]
    if len(sections) < 2 or reading.rate is not None or reading.section is not None:
        return None
    if min(rates) < _SLOWEST or max(rates) > _TRACKED * min(rates):
        return None
    if data.time_stamps(sections[0].first, sections[-1].last, unit_s).jumps:
        return None
    return rate_course(rates, [section.last - section.first for section in sections])


def _chosen(sections: Sequence[Section], reading: Reading, name: str) -> tuple[Section, list[str]]:
    """The section asked for, else the longest in time."""
    if reading.section is not None:
        if not 1 <= reading.section <= len(sections):
            raise ChoiceError(f"{name}: has sections 1 to {len(sections)}, not {reading.section}")
        return sections[reading.section - 1], []
    if len(sections) == 1:
        return sections[0], []
    spans = [(s.last - s.first) / s.rate if s.rate > 0.0 else 0.0 for s in sections]
    index = spans.index(max(spans))
    shown = list(enumerate(zip(sections, spans, strict=True), 1))[:_LISTED]
    listed = ", ".join(f"{k}: {s.rate:g} S/s for {span:.3g} s" for k, (s, span) in shown)
    more = f" and {len(sections) - _LISTED} more" if len(sections) > _LISTED else ""
    return sections[index], [
        f"{len(sections)} sampling rates ({listed}{more}); section {index + 1}, the longest, is "
        "read; --section picks another"
    ]
