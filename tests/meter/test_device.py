"""The whole meter, stepped: what it counts, captures, notices, switches and survives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from addad.cosem.classes.control import ControlMode, ControlState
from addad.dlms.data import decode
from addad.errors import StorageError
from addad.meter.clock import Zone
from addad.meter.device import Block, ErrorFlag, Inputs, Meter
from addad.meter.event_codes import Log
from addad.meter.limiter import LimiterRules, Reclosing
from addad.meter.measured import Reading
from addad.meter.profile import ProfileStatus
from addad.meter.registers import Quantity
from addad.meter.relay import Answer, RelayLimits, Trigger
from addad.meter.settings import MeterSettings, Passwords, PushSettings, SupplySettings
from addad.meter.storage import SLOTS, VolatileMemory

START = datetime(2026, 5, 10, 13, 7, 13, tzinfo=UTC)
SETTINGS = MeterSettings(
    passwords=Passwords(b"reader", b"management"),
    zone=Zone(-60),
    supply=SupplySettings(limits=RelayLimits(pause_s=0.0)),
    push=PushSettings(destination="head-end:4059"),
)


def reading(power: float = 3600.0, duration_s: float = 1.0, current: float = 5.0) -> Reading:
    """A window of `power` [W] in total, with the energy that belongs to it."""
    uwh = round(abs(power) * duration_s / 3600 * 1_000_000)
    energy = [0] * 32
    energy[24 + (Quantity.ACTIVE_IMPORT if power >= 0 else Quantity.ACTIVE_EXPORT)] = uwh
    three = [power / 3] * 3
    return Reading(
        start_s=0.0,
        duration_s=duration_s,
        frequency=50.0,
        u_rms=[230.0] * 3,
        i_rms=[current] * 4,
        p=three,
        q=[0.0] * 3,
        pf=[1.0] * 3,
        p_total=power,
        q_total=0.0,
        s_total=abs(power),
        pf_total=1.0,
        thd_u=[0.01] * 3,
        thd_i=[0.05] * 3,
        u_angle=[0.0, -2.0944, 2.0944],
        i_angle=[0.0, -2.0944, 2.0944],
        energy=energy,
        flags=0,
    )


class Bench:
    """A meter with a memory, an hour of its own, and all that it told."""

    def __init__(
        self,
        settings: MeterSettings = SETTINGS,
        memory: VolatileMemory | None = None,
        start: datetime = START,
    ) -> None:
        self.memory = memory or VolatileMemory()
        self.settings = settings
        self.now = start
        self.meter = Meter(settings, self.memory)
        self.events: list[tuple[int, datetime]] = []
        self.pushes: list = []

    @property
    def codes(self) -> list[int]:
        return [code for code, _ in self.events]

    def run(self, seconds: float, power: float = 3600.0, step_s: float = 1.0, **inputs) -> None:
        for _ in range(round(seconds / step_s)):
            self.now += timedelta(seconds=step_s)
            if not self.meter.supply.relay.closed:
                power_now, current = 0.0, 0.0
            else:
                power_now, current = power, 5.0
            block = Block(
                self.now,
                step_s,
                readings=(reading(power_now, step_s, current),),
                inputs=Inputs(**inputs),
            )
            result = self.meter.step(block)
            self.events += [(event.code, event.at) for event in result.events]
            self.pushes += result.pushes
            if result.save_due:
                assert self.meter.save() is None

    def kill_for(self, seconds: float) -> None:
        """The power goes, and comes back: only the memory is left."""
        self.now += timedelta(seconds=seconds)
        self.meter = Meter(self.settings, self.memory)

    def rows(self, profile=None) -> list[tuple[str, int, int]]:
        """(local time, status, import Wh) of the load profile."""
        profile = profile or self.meter.profiles.load
        out = []
        for index in range(len(profile.table)):
            clock, status, imported, *_ = decode(profile.table.row(index)).value
            text = f"{clock.value[5]:02d}:{clock.value[6]:02d}"
            out.append((text, status.value, imported.value))
        return out


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.run(1)
    return bench


def test_energy_is_counted_and_captured_at_the_quarter(bench: Bench) -> None:
    bench.run(3600)
    assert bench.meter.registers.whole(Quantity.ACTIVE_IMPORT) == 3601
    assert bench.rows() == [
        ("14:15", 0, 467),
        ("14:30", 0, 1367),
        ("14:45", 0, 2267),
        ("15:00", 0, 3167),
    ]


def test_import_and_export_have_their_own_registers(bench: Bench) -> None:
    bench.run(60, power=-3600.0)
    registers = bench.meter.registers
    assert registers.whole(Quantity.ACTIVE_EXPORT) == 60
    assert registers.whole(Quantity.ACTIVE_IMPORT) == 1


def test_day_and_month_are_captured_at_local_midnight() -> None:
    bench = Bench(start=datetime(2026, 5, 31, 22, 59, 50, tzinfo=UTC))
    bench.run(20)
    profiles = bench.meter.profiles
    assert [time for time, *_ in bench.rows(profiles.daily)] == ["00:00"]
    assert len(profiles.billing.table) == 1
    assert profiles.billing.table.stamps_s()[0] == datetime(2026, 5, 31, 23, tzinfo=UTC).timestamp()


def test_the_first_start_logs_power_up_only(bench: Bench) -> None:
    assert bench.codes == [2]


def test_pf_02_an_outage_keeps_everything_and_marks_the_row(bench: Bench) -> None:
    bench.run(300, cover_open=True)
    bench.meter.request(Trigger.REMOTE_DISCONNECT)
    bench.run(2, cover_open=True)
    before, last_alive = bench.meter, bench.now
    bench.events.clear()
    bench.kill_for(3600)
    bench.run(600, cover_open=True)
    assert bench.meter.registers.snapshot() == before.registers.snapshot()
    assert bench.meter.supply.relay.state is ControlState.DISCONNECTED
    assert bench.events[:2] == [(1, last_alive), (2, last_alive + timedelta(seconds=3601))]
    assert bench.codes == [1, 2]
    assert [(time, status) for time, status, _ in bench.rows()] == [
        ("14:15", ProfileStatus.PDN),
        ("15:15", ProfileStatus.PDN),
    ]
    assert [log.count for log in bench.meter.notices.logs.values()] == [3, 1, 1]


@pytest.mark.parametrize("seconds_after_commit", [0.1, 0.4, 0.5])
def test_pf_01_at_most_the_flow_of_a_commit_interval_is_lost(seconds_after_commit: float) -> None:
    bench = Bench()
    bench.run(30, step_s=0.1)
    bench.run(seconds_after_commit, step_s=0.1)
    reached = bench.meter.registers.micro(Quantity.ACTIVE_IMPORT)
    bench.kill_for(1)
    kept = bench.meter.registers.micro(Quantity.ACTIVE_IMPORT)
    assert reached - 1_000_000 * 0.5 <= kept <= reached


def test_a_clock_set_back_marks_the_next_row_and_keeps_the_old_ones(bench: Bench) -> None:
    bench.run(600)
    old = bench.now
    new = bench.now - timedelta(minutes=34)
    bench.meter.set_clock(new)
    bench.run(900)
    assert [(time, status) for time, status, _ in bench.rows()] == [
        ("14:15", 0),
        ("13:45", ProfileStatus.CAD),
    ]
    assert bench.events[1:3] == [(4, old), (5, new)]


def test_ti_02_a_small_correction_is_neither_logged_nor_marked(bench: Bench) -> None:
    bench.meter.set_clock(bench.now + timedelta(seconds=9))
    bench.run(600)
    assert bench.codes == [2]
    assert [status for _, status, _ in bench.rows()] == [0]


def test_ti_03_an_invalid_clock_marks_rows_until_it_is_set(bench: Bench) -> None:
    bench.meter.clock.valid = False
    bench.run(600)
    bench.meter.set_clock(bench.now)
    bench.run(1800)
    marks = ProfileStatus.CIV | ProfileStatus.DNV
    assert [status for _, status, _ in bench.rows()] == [marks, marks, 0]


def test_ti_06_intervals_sum_to_the_registers_through_outages_and_clock_changes() -> None:
    bench = Bench()
    bench.run(1)
    for index, jump in enumerate((0, -3000, 500, 4000, -700)):
        bench.run(1700 + index)
        if jump:
            bench.meter.set_clock(bench.meter.clock.time + timedelta(seconds=jump))
        bench.run(20)
        bench.kill_for(100 * index)
    bench.run(1800)
    imports = [energy for *_, energy in bench.rows()]
    assert imports == sorted(imports)
    assert imports[-1] <= bench.meter.registers.whole(Quantity.ACTIVE_IMPORT)
    assert bench.meter.registers.whole(Quantity.ACTIVE_IMPORT) == sum(range(1700, 1705)) + 1901


def test_a_cover_opening_is_logged_alarmed_and_pushed_until_delivered(bench: Bench) -> None:
    bench.run(10, cover_open=True)
    assert bench.codes == [2, 44]
    assert bench.meter.notices.alarms.registers[0] == 1 << 13
    assert [push.attempt for push in bench.pushes] == [1]
    bench.meter.notices.queue.done(False, bench.now)
    bench.run(10)
    assert bench.codes == [2, 44, 45]
    assert [push.attempt for push in bench.pushes] == [1, 2]
    bench.meter.notices.queue.done(True, bench.now)
    bench.run(600)
    assert len(bench.pushes) == 2
    assert bench.meter.notices.alarms.descriptors[0] == 1 << 13


def test_a_push_outlives_a_power_cut(bench: Bench) -> None:
    bench.run(2, cover_open=True)
    bench.kill_for(5)
    bench.run(2, cover_open=True)
    assert [push.invoke_id for push in bench.pushes] == [1, 1]


def test_a_client_sees_a_row_or_an_event_only_once_a_power_cut_would_not_take_it(bench) -> None:
    bench.run(600)
    fraud, load = bench.meter.notices.logs[Log.FRAUD].table, bench.meter.profiles.load.table
    bench.now += timedelta(minutes=15)
    bench.meter.step(Block(bench.now, 900.0))
    open_cover = Block(bench.now, 0.1, inputs=Inputs(cover_open=True))
    assert bench.meter.step(open_cover).pushes == ()
    assert (len(load), load.visible, len(fraud), fraud.visible) == (2, 1, 1, 0)
    assert bench.meter.save() is None
    assert (load.visible, fraud.visible) == (2, 1)
    assert len(bench.meter.step(open_cover).pushes) == 1


def test_an_alarm_is_pushed_though_the_memory_hangs(bench: Bench) -> None:
    pushed_at = []
    for tenth in range(50):
        now = bench.now + timedelta(seconds=tenth / 10)
        result = bench.meter.step(Block(now, 0.1, inputs=Inputs(cover_open=True)))
        pushed_at += [tenth / 10 for _ in result.pushes]
    assert len(pushed_at) == 1
    assert 1.5 < pushed_at[0] < 2.5


def test_without_a_destination_nothing_is_pushed_but_nothing_forgotten() -> None:
    bench = Bench(replace(SETTINGS, push=PushSettings()))
    bench.run(100, cover_open=True)
    assert bench.pushes == []
    assert bench.meter.notices.set_destination(b"head-end:4059")
    bench.run(2, cover_open=True)
    assert len(bench.pushes) == 1


def limited(**more: object) -> Bench:
    supply = replace(SETTINGS.supply, contracted_power_w=6000, over_s=30, **more)
    bench = Bench(replace(SETTINGS, supply=supply))
    bench.run(5)
    return bench


def test_above_the_contracted_power_the_relay_opens_to_ready_and_the_button_closes_it() -> None:
    bench = limited()
    bench.run(29, power=6300.0)
    assert bench.meter.supply.relay.closed
    bench.run(31, power=6300.0)
    assert bench.meter.supply.relay.state is ControlState.READY_FOR_RECONNECTION
    assert bench.codes == [2, 65, 64, 59, 66]
    bench.run(1, manual_reconnect=True)
    assert bench.meter.supply.relay.state is ControlState.CONNECTED
    assert bench.codes[-1] == 61


def test_lm_08_auto_reclosing_gives_up_after_its_attempts() -> None:
    bench = limited(reclosing=Reclosing(wait_s=60.0, attempts=2))
    bench.run(1000, power=7000.0)
    assert bench.codes.count(69) == 2
    assert bench.codes.count(65) == 3
    assert bench.meter.supply.relay.state is ControlState.READY_FOR_RECONNECTION


def test_a_remote_disconnection_is_not_undone_by_the_limiter_or_the_button() -> None:
    bench = limited(reclosing=Reclosing(wait_s=60.0, attempts=2))
    bench.run(40, power=7000.0)
    assert bench.meter.request(Trigger.REMOTE_DISCONNECT).answer is Answer.DONE
    bench.run(600, manual_reconnect=True)
    assert bench.meter.supply.relay.state is ControlState.DISCONNECTED
    assert bench.codes[-2:] == [66, 62]


def test_rc_04_a_contact_that_sticks_is_an_event_and_an_alarm(bench: Bench) -> None:
    bench.meter.request(Trigger.REMOTE_DISCONNECT)
    bench.run(5, contact_closed=True)
    assert bench.codes == [2, 62, 68]
    assert bench.meter.notices.alarms.registers[1] & 1 << 31
    assert bench.meter.supply.contact_closed


def test_rc_05_load_through_an_open_contact_is_seen_though_a_phase_has_no_channel(
    bench: Bench,
) -> None:
    bench.meter.request(Trigger.REMOTE_DISCONNECT)
    seen = replace(reading(), i_rms=[nan, 5.0, 0.0, nan])
    for _ in range(15):
        bench.now += timedelta(seconds=1)
        result = bench.meter.step(Block(bench.now, 1.0, readings=(seen,)))
        bench.events += [(event.code, event.at) for event in result.events]
    assert bench.codes[-1] == 68


def test_rc_06_what_flows_is_counted_whatever_the_relay_says(bench: Bench) -> None:
    bench.meter.request(Trigger.REMOTE_DISCONNECT)
    bench.now += timedelta(seconds=1)
    bench.meter.step(Block(bench.now, 1.0, readings=(reading(),)))
    assert bench.meter.registers.whole(Quantity.ACTIVE_IMPORT) == 2


def test_changes_by_clients_are_logged(bench: Bench) -> None:
    meter = bench.meter
    assert meter.set_control_mode(ControlMode.MODE_4)
    assert meter.set_control_mode(ControlMode.MODE_4)
    meter.configure_limiter(LimiterRules(normal_w=9000))
    meter.configure_limiter(LimiterRules(normal_w=9000))
    bench.run(600)
    meter.clear_profile(meter.profiles.load)
    meter.notices.clear_log(Log.FRAUD)
    bench.run(1)
    assert bench.codes == [2, 47, 67, 254, 255]
    assert bench.rows() == []


def test_pf_04_a_damaged_memory_is_told_marked_and_never_starts_from_zero(bench: Bench) -> None:
    bench.run(1000, cover_open=True)
    bench.meter.request(Trigger.REMOTE_DISCONNECT)
    bench.run(2)
    captured = bench.rows()[-1][2]
    for slot in SLOTS:
        bench.memory.areas[slot][20] ^= 0xFF
    bench.events.clear()
    counts = [log.count for log in bench.meter.notices.logs.values()]
    bench.kill_for(10)
    bench.run(900)
    meter = bench.meter
    assert bench.codes[:2] == [2, 14]
    assert meter.registers.whole(Quantity.ACTIVE_IMPORT) == captured
    assert meter.supply.relay.state is ControlState.DISCONNECTED
    assert meter.errors == ErrorFlag.MEMORY_DAMAGED
    assert meter.notices.alarms.registers[0] & 1 << 10
    assert bench.rows()[-1][1] == ProfileStatus.ERR | ProfileStatus.DNV
    assert meter.notices.logs[Log.STANDARD].count == counts[0] + 2
    bench.kill_for(10)
    bench.run(1)
    assert bench.meter.errors == ErrorFlag.MEMORY_DAMAGED
    bench.meter.clear_errors(0)
    bench.run(1800)
    assert bench.rows()[-1][1] == 0
    assert 10 in bench.codes


def test_pf_05_a_full_disk_is_told_once_metering_goes_on_and_catches_up(traced_memory) -> None:
    memory = traced_memory(fails_at=30, failures=200)
    bench = Bench(memory=memory)
    errors = []
    for _ in range(2000):
        bench.now += timedelta(seconds=1)
        result = bench.meter.step(Block(bench.now, 1.0, readings=(reading(),)))
        bench.events += [(event.code, event.at) for event in result.events]
        if result.save_due:
            errors.append(bench.meter.save())
    told = [error for error in errors if error is not None]
    assert len(told) == 200
    assert all(isinstance(error, StorageError) for error in told)
    assert bench.codes.count(14) == 1
    assert bench.meter.errors == ErrorFlag(0)
    assert bench.meter.registers.whole(Quantity.ACTIVE_IMPORT) == 2000
    rows = bench.rows()
    bench.kill_for(1)
    assert bench.rows() == rows
    assert len(rows) == 2
    assert bench.meter.registers.whole(Quantity.ACTIVE_IMPORT) == 2000


def test_state_of_another_shape_is_refused_and_not_overwritten(bench: Bench) -> None:
    commit = bench.meter.store.checkpoint({"registers": [1, 2, 3]})
    assert bench.meter.store.write(commit) is None
    with pytest.raises(StorageError, match="another data folder"):
        Meter(SETTINGS, bench.memory)


def test_before_the_first_step_nothing_moves_the_relay() -> None:
    meter = Bench().meter
    assert meter.request(Trigger.REMOTE_DISCONNECT).answer is Answer.TOO_SOON
    assert meter.supply.relay.closed


def test_a_step_wants_an_aware_time() -> None:
    with pytest.raises(Exception, match="aware"):
        Bench().meter.step(Block(datetime(2026, 1, 1), 1.0))


def test_a_meter_that_only_stands_there_needs_no_readings(bench: Bench) -> None:
    bench.meter.step(Block(bench.now + timedelta(seconds=1), 1.0))
    assert bench.meter.registers.whole(Quantity.ACTIVE_IMPORT) == 1
