"""A load profile of 2880 rows and 7 columns, to and from octets: we beside dlms-cosem, one run."""

from __future__ import annotations

import json
import statistics
import struct
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from dlms_cosem import dlms_data, utils

from addad.dlms import data
from addad.dlms.columns import decode_columns, encode_columns

ROWS = 2880
ROUNDS = 7


class Work(NamedTuple):
    """What is measured: ours beside the peer's, how often in a round, and the ratio wanted."""

    name: str
    ours: Callable[[], object]
    repeats: int
    peer: Callable[[], object]
    wanted: float


def profile(rows: int = ROWS) -> bytes:
    """A clock and six double-long-unsigned in each row, a quarter of an hour apart, in CET."""
    at = datetime(2026, 1, 1)
    out = bytearray(b"\x01\x82" + struct.pack(">H", rows))
    for row in range(rows):
        clock = at.year, at.month, at.day, at.isoweekday(), at.hour, at.minute, at.second, 0, -60, 0
        out += b"\x02\x07\x09\x0c" + struct.pack(">HBBBBBBBhB", *clock)
        for column in range(6):
            out += b"\x06" + struct.pack(">I", row * 1000 + column * 7)
        at += timedelta(minutes=15)
    return bytes(out)


def _peer_objects(octets: bytes) -> dlms_data.DataArray:
    """The peer's own values of a profile, ready to be encoded."""
    rows = utils.parse_as_dlms_data(octets)
    return dlms_data.DataArray(
        [
            dlms_data.DataStructure(
                [
                    dlms_data.OctetStringData(bytes(row[0])),
                    *(dlms_data.DoubleLongUnsignedData(number) for number in row[1:]),
                ]
            )
            for row in rows
        ]
    )


def works() -> list[Work]:
    """All of them; both sides have read and written the same values."""
    octets = profile()
    theirs = utils.parse_as_dlms_data(octets)
    columns = decode_columns(octets)
    assert columns is not None
    assert [row[6] for row in theirs] == columns[6].values.tolist()
    assert encode_columns(columns) == octets
    general = data.decode(octets)
    assert isinstance(general.value, tuple)
    assert len(general.value) == ROWS
    objects = _peer_objects(octets)
    assert objects.to_bytes() == octets

    def peer() -> object:
        return utils.parse_as_dlms_data(octets)

    size = f"{ROWS} x 7 profile"
    return [
        Work(f"decode a {size} to columns", lambda: decode_columns(octets), 20, peer, 100),
        Work(f"decode a {size} in general", lambda: data.decode(octets), 1, peer, 3.5),
        Work(f"encode a {size}", lambda: encode_columns(columns), 20, objects.to_bytes, 20),
    ]


def _cpu_s(run: Callable[[], object], repeats: int) -> float:
    started = time.process_time()
    for _ in range(repeats):
        run()
    return (time.process_time() - started) / repeats


def measure(work: Work) -> tuple[float, float, float]:
    """Rows a second of ours and of the peer, and the median ratio of rounds one after another."""
    work.ours()
    work.peer()
    pairs = [(_cpu_s(work.ours, work.repeats), _cpu_s(work.peer, 1)) for _ in range(ROUNDS)]
    ours_s, peer_s = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(peer / ours for ours, peer in pairs)
    return ROWS / ours_s, ROWS / peer_s, ratio


def main() -> int:
    """Print the ratios; 0 if they are what is wanted. With --json, the lines of `run.py`."""
    met = True
    for work in works():
        ours, peer, ratio = measure(work)
        met &= ratio >= work.wanted
        line = {
            "work": f"{work.name}, beside dlms-cosem",
            "ours": ours,
            "peer": peer,
            "unit": "rows/s",
            "ratio": ratio,
            "target": work.wanted,
        }
        if "--json" in sys.argv:
            print(json.dumps(line))
        else:
            print(
                f"{line['work']}: {ratio:.1f} x (wanted {work.wanted:g}); "
                f"{ours:,.0f} against {peer:,.0f} rows/s"
            )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
