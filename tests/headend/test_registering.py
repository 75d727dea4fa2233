"""One form, one command: what is not given is asked from the meter, and it must be that meter."""

import asyncio
from fractions import Fraction

import pytest
from headend_bench import NAME, SERIAL, Bench, registration

from addad.errors import InputError
from addad.headend.store import audit, places


def test_an_address_is_enough_for_a_meter_that_answers(bench: Bench) -> None:
    head = bench.open()
    wanted = registration(
        serial="", start_import_wh=None, start_export_wh=None, installed_from=None
    )
    told = asyncio.run(head.register_meter(wanted, "amina"))
    assert (told["meter_serial"], told["logical_device_name"]) == (SERIAL, NAME)
    (one,) = places.installations_at(head.office.store, "FEZ-0001")
    assert (one.start_import_wh, one.start_export_wh) == (5000, 700)
    (row,) = audit.page(head.office.store)
    assert (row.entry.who, row.entry.action, row.entry.subject) == (
        "amina",
        "meter.register",
        "FEZ-0001",
    )
    head.close()


@pytest.mark.parametrize(
    ("absent", "changes", "match"),
    [
        (True, {"serial": ""}, "give the serial: the meter at .* refused"),
        (True, {"start_import_wh": None, "installed_from": None}, "give the start index"),
        (False, {"start_import_wh": None}, "give the start index"),
        (False, {"serial": "00000099"}, "says its serial is 00001234"),
        (False, {"multiplier": Fraction(-1)}, "multiplier"),
    ],
)
def test_what_cannot_be_known_is_asked_for(
    bench: Bench, absent: bool, changes: dict[str, object], match: str
) -> None:
    bench.meters[4059].absent = absent
    head = bench.open()
    with pytest.raises(InputError, match=match):
        asyncio.run(head.register_meter(registration(**changes), "amina"))
    assert places.find_service_points(head.office.store)[1] == 0
    head.close()


def test_passwords_are_sealed_for_their_meter(bench: Bench) -> None:
    head = bench.open()
    asyncio.run(head.register_meter(registration(), "amina"))
    sealed = places.get_passwords(head.office.store, 1)
    assert head.office.vault.open(sealed.reader, SERIAL) == "reads"
    assert head.office.vault.open(sealed.management, SERIAL) == "manages"
    head.close()


def test_a_silent_meter_does_not_hold_the_form_up_for_ever(bench: Bench) -> None:
    bench.meters[4059].silent = True

    async def main() -> None:
        head = bench.open()
        with pytest.raises(InputError, match="does not answer"):
            await head.register_meter(registration(serial=""), "amina")
        assert asyncio.get_running_loop().time() < 15
        head.close()

    bench.run(main())
