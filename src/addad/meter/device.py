"""The meter: its parts, and the one step that runs them in order.

Pure: samples or readings, time and sensors are given to `step`, the memory to the constructor; what
comes out are events, pushes that are due, and commits for the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import TYPE_CHECKING, Final, NamedTuple

from addad.cosem.classes.control import ControlMode
from addad.errors import StorageError
from addad.meter import event_codes as codes
from addad.meter.association_lists import declare_lists
from addad.meter.attribute_store import AREA, AttributeStore
from addad.meter.calling import Calling
from addad.meter.clock import ClockChange, MeterClock
from addad.meter.event_codes import Log
from addad.meter.event_log import Event
from addad.meter.key_store import Chance
from addad.meter.limiter import LimiterRules
from addad.meter.measured import PHASES, Measured, Reading, WindowSource
from addad.meter.notices import Notices
from addad.meter.profile import Profile, ProfileStatus
from addad.meter.profiles import Profiles
from addad.meter.push import PushAttempt
from addad.meter.registers import Registers
from addad.meter.relay import Answer, Outcome, Trigger
from addad.meter.security import MeterSecurity
from addad.meter.settings import MeterSettings
from addad.meter.storage import Commit, Condition, Memory, State, Store
from addad.meter.supply import Buttons, Supply
from addad.meter.tamper import Subject, Tamper
from addad.meter.transformers import TransformerRatios, Transformers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ErrorFlag(IntFlag):
    """Bits of the error register (0-0:97.97.0)."""

    CLOCK_INVALID = 1 << 0
    MEMORY_DAMAGED = 1 << 10
    """No whole state was found at the start: registers may be too low."""
    NOT_DURABLE = 1 << 11
    """What is measured now would be lost with the power."""


class Inputs(NamedTuple):
    """What the meter senses beside voltages and currents. None: there is no such sensor."""

    cover_open: bool = False
    terminal_cover_open: bool = False
    magnet: bool = False
    manual_reconnect: bool = False
    manual_disconnect: bool = False
    contact_closed: bool | None = None
    pv_power_w: float | None = None


QUIET: Final = Inputs()
"""A closed case, and nobody at the buttons."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time that ends at `now` (aware) and lasted `elapsed_s` by a monotonic clock.

    Either `samples` (n, channels) [V, A] for the meter's own instrument, before which `missed` ones
    were lost, or `readings` from one that serves many meters (see `readings_of`).
    """

    now: datetime
    elapsed_s: float
    samples: NDArray[np.float32] | NDArray[np.float64] | None = None
    readings: tuple[Reading, ...] = ()
    inputs: Inputs = QUIET
    missed: int = 0


class StepResult(NamedTuple):
    """What happened since the last step; `save_due`: now is the time for a checkpoint."""

    events: tuple[Event, ...]
    pushes: tuple[PushAttempt, ...]
    save_due: bool


class TableObjects(NamedTuple):
    """What stands behind the objects of a table: what clients wrote, and whom the meter calls."""

    attributes: AttributeStore
    calling: Calling


class Meter:
    """One meter. Restores itself from `memory`; `step` moves it on.

    Raises `StorageError` when the memory cannot be read or was written by another make. Without
    `instrument` it takes readings; `sample_rate` [Hz] is the instrument's. Without `chance` it has
    no keys.
    """

    def __init__(
        self,
        settings: MeterSettings,
        memory: Memory,
        instrument: WindowSource | None = None,
        sample_rate: float = 0.0,
        *,
        chance: Chance | None = None,
    ) -> None:
        self.settings = settings
        self.clock = MeterClock(settings.zone, settings.clock_limit_s)
        self.registers = Registers()
        self.measured = Measured(instrument, sample_rate, Transformers(settings.transformers))
        self.supply = Supply(settings.supply)
        self.tamper = Tamper()
        self.notices = Notices(
            self.clock, self.supply.limiter, settings.push, settings.profiles.log_rows
        )
        self.profiles = Profiles(settings.profiles, settings.zone, self.clock, self.registers)
        logs = self.notices.logs.values()
        tables = [profile.table for profile in self.profiles] + [log.table for log in logs]
        self.store = Store(memory, tuple(tables))
        attributes = AttributeStore()
        settings.model.declare(attributes)
        declare_lists(settings.associations, attributes)
        self.table = TableObjects(attributes, Calling(settings.model, attributes, self.clock))
        self.errors = ErrorFlag(0)
        self._restore()
        self.security = MeterSecurity(
            settings.provision,
            memory,
            chance,
            note=self._note_when_started,
            now=lambda: self.clock.time,
        )

    def _note_when_started(self, code: int) -> None:
        if self.clock.started:
            self.notices.note(code)

    # --- time goes on

    def step(self, block: Block) -> StepResult:
        """Run all parts over a block, in order: time, energy, sensors, supply, profiles, pushes."""
        first = not self.clock.started
        change = self.clock.advance(block.now, block.elapsed_s)
        if first:
            self._power_up()
        elif change is not None:
            self._clock_changed(change)
        readings = self._measure(block)
        self._sense(block.inputs, block.elapsed_s)
        self.notices.door.step(block.elapsed_s)
        self.security.step()
        self._control(block, readings)
        captured = self.profiles.step(self._marks(readings))
        push = self.notices.next_push(block.elapsed_s)
        self.store.unsaved_s += block.elapsed_s
        events = self.notices.take_fresh()
        due = bool(events) or captured or self.store.unsaved_s >= self.settings.save_interval_s
        return StepResult(events, () if push is None else (push,), due)

    def _measure(self, block: Block) -> tuple[Reading, ...]:
        self.measured.pv_power = block.inputs.pv_power_w
        if block.samples is not None:
            readings = self.measured.sample(block.samples, block.now, block.missed)
        else:
            readings = self.measured.take(block.readings, block.now)
        for reading in readings:
            self.registers.add(reading.energy)
            self.profiles.demands.add(reading)
        return readings

    def _sense(self, inputs: Inputs, elapsed_s: float) -> None:
        sensed = {
            Subject.COVER: inputs.cover_open,
            Subject.TERMINAL_COVER: inputs.terminal_cover_open,
            Subject.MAGNET: inputs.magnet,
        }
        self.notices.note(*self.tamper.step(sensed, self.clock.time, elapsed_s))

    def _control(self, block: Block, readings: tuple[Reading, ...]) -> None:
        inputs = block.inputs
        buttons = Buttons(inputs.manual_reconnect, inputs.manual_disconnect)
        self.notices.note(*self.supply.press(buttons))
        self.notices.note(*self.supply.look(self.clock.time, self.clock.zone))
        for reading in readings:
            self.notices.note(*self.supply.limit(reading.p_total, reading.duration_s))
        newest = self.measured.reading
        start = self.settings.starting_current * self.measured.transformers.current_factor
        load = newest is not None and any(i > start for i in newest.i_rms[:PHASES])
        failures = self.supply.step(
            contact_closed=inputs.contact_closed, load=load, elapsed_s=block.elapsed_s
        )
        self.notices.note(*failures)

    def _marks(self, readings: tuple[Reading, ...]) -> ProfileStatus:
        marks = ProfileStatus(0)
        if any(reading.in_doubt for reading in readings):
            marks |= ProfileStatus.DNV
        if not self.clock.valid:
            marks |= ProfileStatus.CIV | ProfileStatus.DNV
        if self.errors & ErrorFlag.MEMORY_DAMAGED:
            marks |= ProfileStatus.ERR | ProfileStatus.DNV
        return marks

    def _clock_changed(self, change: ClockChange) -> None:
        if change.beyond_limit:
            self.notices.note(codes.CLOCK_ADJUSTED_OLD, at=change.old)
            self.notices.note(codes.CLOCK_ADJUSTED_NEW, at=change.new)
            self.profiles.adjusted(change.new)

    # --- what clients ask for

    def request(self, trigger: Trigger) -> Outcome:
        """Move the relay on somebody's word, and log it; too soon before the first step."""
        if not self.clock.started:
            return Outcome(Answer.TOO_SOON)
        outcome = self.supply.request(trigger)
        self.notices.note(*outcome.events)
        return outcome

    def set_control_mode(self, mode: ControlMode) -> bool:
        """Change the relay's mode, and log it; see `Relay.set_mode`."""
        if mode is self.supply.relay.mode:
            return True
        if not self.supply.relay.set_mode(mode):
            return False
        self.notices.note(codes.PARAMETERS_CHANGED)
        return True

    def change_transformers(self, ratios: TransformerRatios) -> None:
        """Measure behind other transformers from now on, and log it."""
        if self.measured.transformers.change(ratios):
            self.notices.note(codes.PARAMETERS_CHANGED)

    def set_clock(self, to: datetime) -> None:
        """Set the clock to an aware time; beyond the limit it is logged and marked."""
        self._clock_changed(self.clock.set(to))
        self.errors &= ~ErrorFlag.CLOCK_INVALID

    def configure_limiter(self, rules: LimiterRules) -> None:
        """Let the limiter follow other rules, and log it; raises `InputError` out of range."""
        if self.supply.limiter.configure(rules):
            self.notices.note(codes.LIMITER_CHANGED)

    def clear_profile(self, profile: Profile) -> None:
        """Empty a profile, and log it."""
        profile.clear()
        self.notices.note(codes.PROFILE_CLEARED)

    def clear_errors(self, value: int) -> None:
        """Write the error register: bits can only be cleared; rows are valid again."""
        kept = self.errors & value
        if kept != self.errors:
            self.errors = kept
            self.notices.note(codes.ERROR_REGISTER_CLEARED)

    # --- surviving a power cut

    def checkpoint(self) -> Commit:
        """All that is to survive, frozen; give it to `store.write`, then call `stored`."""
        self.store.unsaved_s = 0.0
        changed = {AREA: self.table.attributes.image()} if self.table.attributes.changed else {}
        return self.store.checkpoint(self._state(), changed)

    def stored(self, commit: Commit, error: StorageError | None) -> None:
        """How `store.write(commit)` ended; a failure is logged once, and tried again."""
        if error is not None and AREA in commit.images:
            self.table.attributes.changed = True
        if error is None:
            self.store.stored(commit)
            self.registers.mark_durable()
            self.errors &= ~ErrorFlag.NOT_DURABLE
        elif not self.errors & ErrorFlag.NOT_DURABLE:
            self.errors |= ErrorFlag.NOT_DURABLE
            self.store.not_durable()
            self.registers.mark_lost()
            self.notices.note(codes.NV_MEMORY_ERROR)

    def save(self) -> StorageError | None:
        """Checkpoint, write and note the outcome in one go, for a memory that is never slow."""
        commit = self.checkpoint()
        error = self.store.write(commit)
        self.stored(commit, error)
        return error

    def _state(self) -> State:
        state: State = {
            "clock": self.clock.snapshot(),
            "registers": self.registers.snapshot(),
            "transformers": self.measured.transformers.snapshot(),
            "relay": self.supply.relay.snapshot(),
            "limiter": self.supply.limiter.snapshot(),
            "tamper": self.tamper.snapshot(),
            "alarms": self.notices.alarms.snapshot(),
            "push": [self.notices.destination, *self.notices.queue.snapshot()],
            "demands": self.profiles.demands.snapshot(),
            "errors": [int(self.errors & ~ErrorFlag.NOT_DURABLE)],
        }
        for profile in self.profiles:
            state[profile.table.name] = profile.snapshot()
        for log in self.notices.logs.values():
            state[log.table.name] = log.snapshot()
        return state

    def _restore(self) -> None:
        found = self.store.read()
        if not self.table.attributes.load(self.store.read_area(AREA)):
            found = self.store.found = found._replace(lost_rows=found.lost_rows + 1)
        if not found.state:
            if found.condition is Condition.DAMAGED:
                self.profiles.recover_registers()
                for log in self.notices.logs.values():
                    log.recover()
                self.supply.relay.recover(self.notices.logs[Log.DISCONNECTOR].codes())
            return
        try:
            self._take(found.state)
        except (KeyError, ValueError, IndexError) as problem:
            raise StorageError(
                f"the stored state has another shape than this version's ({problem!r}); "
                "use the version that wrote it, or another data folder"
            ) from problem

    def _take(self, state: State) -> None:
        self.clock.restore(state["clock"])
        self.registers.restore(state["registers"])
        self.supply.relay.restore(state["relay"])
        self.supply.limiter.restore(state["limiter"])
        self.tamper.restore(state["tamper"])
        self.notices.alarms.restore(state["alarms"])
        self.notices.destination = str(state["push"][0])
        self.notices.queue.restore(state["push"][1:])
        self.errors = ErrorFlag(int(state["errors"][0]))
        if "transformers" in state:
            self.measured.transformers.restore(state["transformers"])
        if "demands" in state:  # not of a meter that had none yet
            self.profiles.demands.restore(state["demands"])
        for profile in self.profiles:
            profile.restore(state[profile.table.name])
        for log in self.notices.logs.values():
            log.restore(state[log.table.name])

    def _power_up(self) -> None:
        if self.store.found.state:
            self.notices.note(codes.POWER_DOWN, at=self.clock.last_alive)
        self.notices.note(codes.POWER_UP)
        self.profiles.power_up()
        if self.store.found.condition is Condition.DAMAGED or self.store.found.lost_rows:
            self.notices.note(codes.NV_MEMORY_ERROR)
        if self.store.found.condition is Condition.DAMAGED:
            self.errors |= ErrorFlag.MEMORY_DAMAGED
