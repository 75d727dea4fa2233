"""Decoding a load profile of 2880 rows and 7 columns: our columns beside dlms-cosem, one run."""

from __future__ import annotations

import json
import statistics
import struct
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from dlms_cosem import utils

from addad.dlms.columns import decode_columns, encode_columns

ROWS = 2880
WANTED_RATIO = 50


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


def _cpu_s(run: Callable[[], object], repeats: int, inner: int) -> float:
    """The median CPU time of one call."""
    run()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        for _ in range(inner):
            run()
        times.append((time.process_time() - started) / inner)
    return statistics.median(times)


def measure() -> dict[str, float]:
    """CPU seconds of the peer and of us, and the ratio; both have read the same values."""
    octets = profile()
    theirs = utils.parse_as_dlms_data(octets)
    ours = decode_columns(octets)
    assert ours is not None
    assert [row[6] for row in theirs] == ours[6].values.tolist()
    assert encode_columns(ours) == octets
    peer_s = _cpu_s(lambda: utils.parse_as_dlms_data(octets), 7, 1)
    ours_s = _cpu_s(lambda: decode_columns(octets), 15, 20)
    encode_s = _cpu_s(lambda: encode_columns(ours), 15, 20)
    return {"peer_s": peer_s, "ours_s": ours_s, "encode_s": encode_s, "ratio": peer_s / ours_s}


def main() -> int:
    """Print the ratio; 0 if it is what is wanted. With --json, the line that `run.py` reads."""
    result = measure()
    if "--json" in sys.argv:
        print(
            json.dumps(
                {
                    "work": f"decode a {ROWS} x 7 load profile, beside dlms-cosem",
                    "ours": ROWS / result["ours_s"],
                    "peer": ROWS / result["peer_s"],
                    "unit": "rows/s",
                    "ratio": result["ratio"],
                    "target": WANTED_RATIO,
                }
            )
        )
        return 0
    print(
        f"decode {ROWS} x 7 load profile: {result['ratio']:.0f} x dlms-cosem"
        f" (wanted {WANTED_RATIO}); {ROWS / result['ours_s']:,.0f}"
        f" against {ROWS / result['peer_s']:,.0f} rows/s;"
        f" encode {ROWS / result['encode_s']:,.0f} rows/s"
    )
    return 0 if result["ratio"] >= WANTED_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main())
