"""Alarm registers, filters and descriptors: which events call for attention, and get pushed.

IDIS numbering: two registers of 32 bits; the house's own copy of a table from public manuals.
"""

from __future__ import annotations

from typing import Final

_FRAUD: Final = (40, 42, 44, 46, 49, 50, 200, 201, 202)

REGISTER_1_BITS: Final[dict[int, tuple[int, ...]]] = {
    0: (6,),
    1: (7,),
    8: (12,),
    9: (13,),
    10: (14,),
    11: (16,),
    12: (15,),
    13: _FRAUD,
}
REGISTER_2_BITS: Final[dict[int, tuple[int, ...]]] = {
    0: (1,),
    1: (2,),
    2: (82,),
    3: (83,),
    4: (84,),
    5: (85,),
    6: (86,),
    7: (87,),
    8: (89,),
    9: (90,),
    10: (91,),
    11: (88,),
    12: (52,),
    13: (48,),
    14: (92,),
    15: (93,),
    16: (94,),
    17: (20,),
    18: (158,),
    31: (68,),
}

ALARM_OF: Final[dict[int, tuple[int, int]]] = {
    code: (register, bit)
    for register, bits in enumerate((REGISTER_1_BITS, REGISTER_2_BITS))
    for bit, codes in bits.items()
    for code in codes
}

ENDED_BY: Final[dict[int, int]] = {40: 41, 42: 43, 44: 45}
"""A cause that lasts: the event that begins it, and the one that ends it."""

DEFAULT_FILTERS: Final = (0xFFFF_FFFF, 1 << 31)
_ALL: Final = 0xFFFF_FFFF


class Alarms:
    """Two alarm registers. A bit stays until it is cleared, and while its cause lasts.

    `descriptors` collect what passed the filter and are pushed; they stay until they are cleared.
    """

    def __init__(self, filters: tuple[int, int] = DEFAULT_FILTERS) -> None:
        self.registers = [0, 0]
        self.filters = list(filters)
        self.descriptors = [0, 0]
        self._lasting: set[int] = set()

    def take(self, code: int) -> bool:
        """Note an event; whether it is an alarm that passes the filter, and so is to be pushed."""
        for began, ended in ENDED_BY.items():
            if code == ended:
                self._lasting.discard(began)
        if code in ENDED_BY:
            self._lasting.add(code)
        if code not in ALARM_OF:
            return False
        register, bit = ALARM_OF[code]
        self.registers[register] |= 1 << bit
        passed = self.filters[register] >> bit & 1
        self.descriptors[register] |= passed << bit
        return bool(passed)

    def clear_register(self, register: int, value: int) -> bool:
        """Write an alarm register: bits can only be cleared, and not while their cause lasts.

        Gives whether any bit was cleared.
        """
        lasting = 0
        for code in self._lasting:
            of, bit = ALARM_OF[code]
            lasting |= (1 << bit) if of == register else 0
        before = self.registers[register]
        self.registers[register] = before & (value | lasting) & _ALL
        return self.registers[register] != before

    def clear_descriptor(self, register: int, value: int) -> bool:
        """Write an alarm descriptor: bits can only be cleared. Gives whether any was."""
        before = self.descriptors[register]
        self.descriptors[register] = before & value
        return self.descriptors[register] != before

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut."""
        return [*self.registers, *self.filters, *self.descriptors, *sorted(self._lasting)]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood."""
        values = [int(value) for value in kept]
        self.registers, self.filters, self.descriptors = values[0:2], values[2:4], values[4:6]
        self._lasting = set(values[6:])
