"""The demo from within: what it reports, and what it says when a part of it fails."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from addad.errors import LinkError
from addad.lab import demo
from addad.lab.demo import DemoReport, DemoSettings, run_demo


def _run(settings: DemoSettings, told: list[str]) -> DemoReport:
    async def main() -> DemoReport:
        return await run_demo(settings, asyncio.Event(), told.append)

    return asyncio.run(main())


def test_a_report_holds_what_each_room_did(tmp_path: Path) -> None:
    told: list[str] = []
    settings = DemoSettings(
        data=tmp_path, web_port=0, duration_s=9.0, scenario="+1 open_cover", open_view=True
    )
    report = _run(settings, told)
    assert report.live_values >= 10
    assert report.stored["profile_rows"] >= 55
    assert report.stored["events"] >= 1
    assert set(report.stages_ms) == set(demo.STAGES)
    assert report.sample_to_page_ms is not None
    assert report.sample_to_page_ms > 200
    assert report.meter_peak_mb is not None
    assert report.database_bytes > 0
    assert any("/setup?token=" in line for line in told)
    assert any(report.address in line for line in told)
    kept = sorted(p.name for p in tmp_path.iterdir())
    assert kept == ["headend", "meter"]


def test_a_meter_that_cannot_start_ends_the_demo_with_a_word(tmp_path: Path) -> None:
    settings = DemoSettings(data=tmp_path, web_port=0, duration_s=9.0, scenario="12:00 explode")
    with pytest.raises(LinkError, match="the meter ended with code 2"):
        _run(settings, [])


def test_a_demo_is_stopped_while_its_meter_still_starts(tmp_path: Path) -> None:
    async def main() -> DemoReport:
        stopping = asyncio.Event()
        stopping.set()
        return await run_demo(DemoSettings(data=tmp_path, web_port=0), stopping, lambda text: None)

    report = asyncio.run(main())
    assert (report.address, report.live_values) == ("", 0)


def test_a_stream_that_is_refused_is_told() -> None:
    async def main() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        report = DemoReport(address=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with server:
            await demo._follow("key", report, [], [])

    with pytest.raises(LinkError, match="403"):
        asyncio.run(main())


RECEIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Later(datetime):
    """50 ms after it was received."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return RECEIVED + timedelta(milliseconds=50)


def test_stages_add_up_to_the_whole_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "datetime", Later)
    report, page_ms, whole_ms = DemoReport(), list[float](), list[float]()
    stages = {"acquisition": 200.0, "processing": 5.0, "protocol": 90.0, "head_end": 1.0}
    demo._note({"at": RECEIVED.isoformat(), "stages_ms": stages}, report, page_ms, whole_ms)
    assert page_ms == [pytest.approx(49.0)]
    assert whole_ms == [pytest.approx(345.0)]
