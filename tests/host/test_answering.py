"""Which answers wait for the disk: those that say that something was changed."""

import pytest

from addad.host.answering import took_effect


@pytest.mark.parametrize(
    ("apdu", "effect"),
    [
        ("c50141 00", True),  # SET normal, success
        ("c50141 03", False),  # SET normal, read-write-denied
        ("c50241 00000001", False),  # SET, a block acknowledged: nothing done yet
        ("c50341 00 00000002", True),  # SET, last block, success
        ("c50341 0c 00000002", False),  # SET, last block, type-unmatched
        ("c50541 02 03 00", True),  # SET list, one of two done
        ("c50541 02 03 0d", False),  # SET list, all refused
        ("c50441 02 03 00 00000002", True),  # SET list in blocks, one done
        ("c50441 02 03 03 00000002", False),  # SET list in blocks, all refused
        ("c70141 00 00", True),  # ACTION normal, success
        ("c70141 03 00", False),  # ACTION refused
        ("c70441 00000001", False),  # ACTION, next block asked for
        ("c70341 02 00 00 03 00", True),  # ACTION list
        ("c70341 02 03 00 0c 00", False),  # ACTION list, all refused
        ("c70241 01 00000001 00", True),  # ACTION, returned values in a block: who knows
        ("c40141 00 0600000000", False),  # GET
        ("d80102", False),
        ("", False),
    ],
)
def test_what_took_effect(apdu: str, effect: bool) -> None:
    assert took_effect(bytes.fromhex(apdu)) is effect
