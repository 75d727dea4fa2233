"""Which carriage it is: all are tried until one has brought an APDU.

A frame of HDLC or M-Bus is verified by its check sequences wherever it stands; a wrapper frame and
a plain APDU are looked for at the beginning only. A plain APDU decides nothing: what comes after
it may be anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from addad.dlms.hdlc.frame import FLAG
from addad.dlms.mbus import LONG_START, SHORT_START
from addad.errors import DecodeError
from addad.reader.push_carriages import (
    Carriage,
    CarriageDecoder,
    Carried,
    HdlcCarriage,
    MbusCarriage,
    PlainCarriage,
    WrapperCarriage,
)

_STARTS: Final = {
    bytes((FLAG,)): Carriage.HDLC,
    bytes((LONG_START,)): Carriage.MBUS,
    bytes((SHORT_START,)): Carriage.MBUS,
    b"\x00\x01": Carriage.WRAPPER,
}
"""What octets probably are that begin so, where no frame of them is whole."""
_HEAD_OCTETS: Final = 2


class CarriageChoice:
    """The carriage of a line or connection; `whole` says whether octets are a plain APDU."""

    def __init__(self, whole: Callable[[bytes], bool], carriage: Carriage | None = None) -> None:
        self._whole = whole
        self._given = carriage
        self._passed_over = 0
        self._head = b""
        self._decoders: dict[Carriage, CarriageDecoder] = {}
        self._start()

    @property
    def carriage(self) -> Carriage | None:
        """The carriage, once it is known."""
        return self._given

    @property
    def discarded(self) -> int:
        """How many octets were part of no frame."""
        if self._given is None:
            return self._passed_over
        return self._passed_over + self._decoders[self._given].discarded

    @property
    def buffered(self) -> int:
        """How many octets wait for more."""
        return max(decoder.buffered for decoder in self._decoders.values())

    def feed(self, octets: bytes) -> list[Carried]:
        """What these octets complete."""
        if self._given is not None:
            return self._decoders[self._given].feed(octets)
        self._head = (self._head + octets[:_HEAD_OCTETS])[:_HEAD_OCTETS]
        results = {name: decoder.feed(octets) for name, decoder in self._decoders.items()}
        return self._take(results)

    def flush(self) -> list[Carried]:
        """What is left when nothing more will come: none of it waits any longer."""
        if self._given is not None:
            return self._decoders[self._given].flush()
        if not self._head:
            return []
        likely = next(
            (name for start, name in _STARTS.items() if self._head.startswith(start)),
            Carriage.PLAIN,
        )
        plain = self._decoders[Carriage.PLAIN]
        left = plain.buffered
        framed = {name: d.flush() for name, d in self._decoders.items() if d is not plain}
        found = self._take(framed)
        if found:
            return found
        if likely is Carriage.PLAIN:
            found = plain.flush()
        else:
            found = framed.get(likely) or [Carried(likely, b"", self._nothing(likely))]
            self._passed_over += left
        self._start()
        return found

    def _take(self, results: dict[Carriage, list[Carried]]) -> list[Carried]:
        """What the first carriage brought that brought an APDU; it is the one."""
        for carriage, carried in results.items():
            if any(one.fault is None for one in carried):
                if carriage is Carriage.PLAIN:
                    self._start()
                else:
                    self._given = carriage
                    self._decoders = {carriage: self._decoders[carriage]}
                return carried
            if carried and carriage is Carriage.WRAPPER:
                del self._decoders[carriage]
        return []

    def _nothing(self, likely: Carriage) -> DecodeError:
        """Why octets that begin like frames bring nothing."""
        decoder = self._decoders.get(likely)
        if decoder is not None and not decoder.discarded:
            return DecodeError(f"{likely.value} frames without a push")
        return DecodeError(f"octets that are no whole {likely.value} frame")

    def _start(self) -> None:
        self._head = b""
        every: dict[Carriage, Callable[[], CarriageDecoder]] = {
            Carriage.HDLC: HdlcCarriage,
            Carriage.MBUS: MbusCarriage,
            Carriage.WRAPPER: WrapperCarriage,
            Carriage.PLAIN: lambda: PlainCarriage(self._whole),
        }
        wanted = every if self._given is None else (self._given,)
        self._decoders = {carriage: every[carriage]() for carriage in wanted}
