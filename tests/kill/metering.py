"""A metering process in virtual time: a real meter on a real data folder, as fast as it can.

`metering.py FOLDER STEP` continues after step number STEP; a step is 0.2 s. Its energy follows from
its number. A line for each step tells what a client would have seen by then.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from addad.cosem.classes.control import ControlMode
from addad.host.files import DataFolder
from addad.meter.device import Block, Inputs, Meter
from addad.meter.measured import Reading
from addad.meter.registers import Quantity
from addad.meter.relay import RelayLimits, Trigger
from addad.meter.settings import MeterSettings, Passwords, ProfileSettings, SupplySettings

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP_S = 0.2
PERIOD_S = 60
RELAY_EVERY = 37
COVER_EVERY = 23
SETTINGS = MeterSettings(
    passwords=Passwords(b"reader", b"management"),
    supply=SupplySettings(
        mode=ControlMode.MODE_4, limits=RelayLimits(pause_s=0.0, closings_per_hour=1_000_000)
    ),
    profiles=ProfileSettings(period_s=PERIOD_S, load_rows=200, log_rows=100),
)


def time_of(step: int) -> datetime:
    """The meter's time at the end of a step."""
    return START + timedelta(seconds=step * STEP_S)


def increment_uwh(step: int) -> int:
    """What a step adds to the total import."""
    return 100_000 + step * 7919 % 50_000


def reading(step: int) -> Reading:
    """The window of a step."""
    energy = [0] * 32
    energy[24 + Quantity.ACTIVE_IMPORT] = increment_uwh(step)
    energy[24 + Quantity.APPARENT_IMPORT] = increment_uwh(step) + 1
    three = [0.0] * 3
    return Reading(
        start_s=step * STEP_S,
        duration_s=STEP_S,
        frequency=50.0,
        u_rms=[230.0] * 3,
        i_rms=[5.0] * 4,
        p=three,
        q=three,
        pf=three,
        p_total=1800.0,
        q_total=0.0,
        s_total=1800.0,
        pf_total=1.0,
        thd_u=three,
        thd_i=three,
        u_angle=three,
        i_angle=three,
        energy=energy,
        flags=0,
    )


def main() -> None:
    """Run until killed."""
    folder, step = DataFolder(Path(sys.argv[1])), int(sys.argv[2])
    meter = Meter(SETTINGS, folder)
    out = sys.stdout.buffer
    while True:
        step += 1
        inputs = Inputs(cover_open=step // COVER_EVERY % 2 == 1)
        block = Block(time_of(step), STEP_S, readings=(reading(step),), inputs=inputs)
        due = meter.step(block).save_due
        if step % RELAY_EVERY == 0:
            closed = meter.supply.relay.closed
            meter.request(Trigger.REMOTE_DISCONNECT if closed else Trigger.REMOTE_RECONNECT)
            due = True
        if due:
            error = meter.save()
            if error is not None:
                raise error
        shown = meter.registers.shown(Quantity.ACTIVE_IMPORT)
        load = meter.profiles.load.table
        logs = [log.table.first + log.table.visible for log in meter.notices.logs.values()]
        rows = load.first + load.visible
        out.write(b"%d %d %d %d %d %d\n" % (step, shown, rows, *logs))
        out.flush()


if __name__ == "__main__":
    main()
