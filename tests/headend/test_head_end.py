"""The head end as a whole: one folder, one at a time, ports and links, a clean end."""

import asyncio
from pathlib import Path

import pytest
from headend_bench import NAME, Bench, FakeMeter, registration

from addad.errors import InputError, LinkError
from addad.headend.head_end import HeadEnd
from addad.headend.settings import HeadEndSettings


def test_two_head_ends_do_not_share_a_folder(bench: Bench) -> None:
    async def main() -> None:
        first, second = bench.open(), bench.open()
        await first.start()
        with pytest.raises(InputError, match="another head end runs"):
            await second.start()
        await first.stop()
        await second.start()
        await second.stop()

    bench.run(main())


def test_a_port_for_pushes_that_is_taken_is_named(bench: Bench, tmp_path: Path) -> None:
    async def main() -> None:
        first = bench.open()
        await first.start()
        other = HeadEnd(HeadEndSettings(tmp_path / "other", push_port=first.push_port))
        with pytest.raises(LinkError, match=str(first.push_port)):
            await other.start()
        await other.stop()
        await first.stop()

    asyncio.run(main())


def test_a_meter_registered_by_another_program_is_collected_from(bench: Bench) -> None:
    async def main() -> None:
        running, command = bench.open(), bench.open()
        await running.start()
        await command.register_meter(registration(), "command line")
        command.close()
        await asyncio.sleep(10)
        state = running.office.board.state("FEZ-0001", bench.now())
        assert state.contact["state"] == "ok"
        assert running.summary()["meters"] == 1
        await running.stop()

    bench.run(main())


def test_after_an_exchange_the_old_meter_is_left_alone(bench: Bench) -> None:
    bench.meters[4060] = FakeMeter(name="ADD0000000005678", serial="00005678")

    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        await asyncio.sleep(5)
        second = registration(4060, serial="00005678", installed_from=bench.now())
        await head.register_meter(second, "test")
        await asyncio.sleep(5)
        asked = len(bench.meters[4059].asked)
        await asyncio.sleep(2000)
        assert len(bench.meters[4059].asked) == asked
        assert head.office.board.state("FEZ-0001", bench.now()).contact["state"] == "ok"
        await head.stop()

    bench.run(main())


def test_pushes_find_their_meter_by_device_name_or_serial(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(registration(), "test")
        await head.start()
        assert head._find([NAME]) is head.collector_at("FEZ-0001") is not None
        assert head._find(["nonsense", "00001234"]) is not None
        assert head._find(["nonsense", ""]) is None
        await head.stop()

    bench.run(main())


@pytest.mark.parametrize(
    ("name", "scopes"), [("", ["read"]), ("x" * 61, ["read"]), ("a", []), ("a", ["root"])]
)
def test_a_key_needs_a_name_and_known_scopes(bench: Bench, name: str, scopes: list[str]) -> None:
    head = bench.open()
    with pytest.raises(InputError):
        head.make_api_key(name, scopes, "test")
    head.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"made: Not a directory; give another --data"):
        HeadEnd(HeadEndSettings(tmp_path / "file" / "data"))
