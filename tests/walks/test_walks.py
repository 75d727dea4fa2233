"""The three walks, whole, in virtual time: sample to row, click to relay, cover to page."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import virtual_time
from addad.cosem.classes.control import ControlState
from addad.meter.event_codes import Log
from addad.meter.registers import Quantity
from walks.town import SERVICE_POINT, Town

NOON = datetime(2026, 6, 21, 11, 14, 40, tzinfo=UTC)
PLACE = f"/api/v1/service-points/{SERVICE_POINT}"


def test_a_sample_becomes_a_row(tmp_path: Path) -> None:
    async def walk() -> None:
        async with Town(tmp_path, NOON).alive() as town, town.visitor() as browser:
            await town.log_in(browser)
            meter = town.running.meter
            await town.until(
                lambda: meter.clock.time >= datetime(2026, 6, 21, 11, 17, tzinfo=UTC), 300
            )
            answer = (await browser.get(f"{PLACE}/profile", params={"day": "2026-06-21"})).json()
            rows = [row for row in answer["rows"] if row["import_index_wh"] is not None]
            assert [row["at"] for row in rows][-1].startswith("2026-06-21T11:15:00")
            counted = meter.registers.whole(Quantity.ACTIVE_IMPORT)
            assert 0 < rows[-1]["import_index_wh"] <= counted
            live = (await browser.get(f"{PLACE}/live")).json()["latest"]
            shown = meter.measured.reading
            assert shown is not None
            assert abs(live["u"][0] - shown.u_rms[0]) < 2.0
            assert abs(live["f"] - shown.frequency) < 0.05

    virtual_time.run(walk())


def test_a_click_opens_the_relay_and_is_read_back(tmp_path: Path) -> None:
    async def walk() -> None:
        async with Town(tmp_path, NOON).alive() as town, town.visitor() as browser:
            token = await town.log_in(browser)
            relay = town.running.meter.supply.relay
            feed = town.head_end.watch(SERVICE_POINT)
            wanted = {"action": "disconnect", "reason": "move-out", "confirm": "0001"}
            answer = await browser.post(f"{PLACE}/relay", json=wanted)
            assert answer.status_code == 403
            assert relay.state is ControlState.CONNECTED
            answer = await browser.post(
                f"{PLACE}/relay", json=wanted, headers={"X-CSRF-Token": token}
            )
            assert answer.status_code == 202
            steps: list[bytes] = []

            async def listen() -> None:
                async for frame in feed.frames():
                    if b"event: relay" in frame:
                        steps.append(frame)
                        if b"confirmed" in frame or b"failed" in frame:
                            return

            await asyncio.wait_for(listen(), 30)
            assert [
                word
                for step in steps
                for word in (b"requested", b"accepted", b"confirmed")
                if word in step
            ] == [b"requested", b"accepted", b"confirmed"]
            assert relay.state is ControlState.DISCONNECTED
            reading = town.running.meter.measured
            await asyncio.sleep(1)
            assert reading.reading is not None
            assert max(reading.reading.i_rms[:3]) < 0.01
            audit = await browser.get("/audit")
            assert "operator" in audit.text
            assert "move-out" in audit.text

    virtual_time.run(walk())


def test_an_opened_cover_reaches_the_page(tmp_path: Path) -> None:
    async def walk() -> None:
        town = Town(tmp_path, NOON, scenario="+5 open_cover, +8 close_cover")
        async with town.alive(), town.visitor() as browser:
            await town.log_in(browser)
            told: list[bytes] = []

            async def listen() -> None:
                async for frame in town.head_end.watch(SERVICE_POINT).frames():
                    if b"event: event" in frame:
                        told.append(frame)
                        return

            await asyncio.wait_for(listen(), 30)
            codes = town.running.meter.notices.logs[Log.FRAUD].codes()
            assert 44 in codes
            await asyncio.sleep(90)
            events = (await browser.get(f"{PLACE}/events")).json()["events"]
            assert {44, 45} <= {e["code"] for e in events if e["log"] == "fraud"}
            assert any(e["log"] == "alarm" for e in events)

    virtual_time.run(walk())
