"""The supply: everything that moves the relay, one after the other."""

from dataclasses import replace

from addad.cosem.classes.control import ControlMode, ControlState
from addad.meter.limiter import Reclosing
from addad.meter.relay import RelayLimits, Trigger
from addad.meter.settings import SupplySettings
from addad.meter.supply import Buttons, Supply

FREE = SupplySettings(
    limits=RelayLimits(pause_s=0.0, closings_per_hour=1000), contracted_power_w=6000, over_s=2
)
HELD, LOOSE = Buttons(reconnect=True), Buttons()


def over(supply: Supply, windows: int, power: float = 7000.0) -> list[int]:
    """Feed windows of one second."""
    events = []
    for _ in range(windows):
        events += supply.limit(power if supply.relay.closed else 0.0, 1.0)
        supply.step(contact_closed=None, load=False, elapsed_s=1.0)
    return events


def test_a_button_held_down_counts_once() -> None:
    supply = Supply(FREE)
    supply.request(Trigger.LOCAL_DISCONNECT)
    assert supply.press(HELD) == (61,)
    supply.request(Trigger.LOCAL_DISCONNECT)
    assert supply.press(HELD) == ()
    assert supply.press(LOOSE) == ()
    assert supply.press(HELD) == (61,)


def test_both_buttons_at_once_disconnect_first() -> None:
    supply = Supply(replace(FREE, mode=ControlMode.MODE_5))
    assert supply.press(Buttons(reconnect=True, disconnect=True)) == (60, 59, 61)


def test_an_overload_opens_to_ready_and_recloses_patiently() -> None:
    supply = Supply(replace(FREE, reclosing=Reclosing(wait_s=20.0, attempts=1)))
    assert over(supply, 4) == [65, 64, 59]
    assert over(supply, 15) == [66]
    assert over(supply, 6) == [69, 65, 64, 59]
    assert over(supply, 100) == [66]
    assert supply.relay.state is ControlState.READY_FOR_RECONNECTION


def test_in_a_mode_without_local_reconnection_nothing_recloses() -> None:
    supply = Supply(replace(FREE, mode=ControlMode.MODE_4, reclosing=Reclosing(wait_s=5.0)))
    over(supply, 3)
    assert 69 not in over(supply, 600)
    assert supply.press(HELD) == (61,)


def test_in_mode_0_an_overload_is_told_and_nothing_is_switched() -> None:
    supply = Supply(replace(FREE, mode=ControlMode.MODE_0))
    assert over(supply, 60) == [65]
    assert supply.relay.closed


def test_without_an_action_an_overload_is_told_and_nothing_is_switched() -> None:
    supply = Supply(FREE)
    supply.limiter.configure(supply.limiter.rules._replace(cuts_off=False))
    assert over(supply, 10) == [65]
    assert supply.relay.closed


def test_the_limiter_does_not_close_what_somebody_else_opened() -> None:
    supply = Supply(replace(FREE, reclosing=Reclosing(wait_s=5.0, attempts=9)))
    over(supply, 3)
    assert supply.request(Trigger.REMOTE_DISCONNECT).events == (62,)
    assert supply.request(Trigger.REMOTE_RECONNECT).events == (59,)
    assert 69 not in over(supply, 600)


def test_the_contact_is_where_the_sensor_says() -> None:
    supply = Supply(FREE)
    assert supply.contact_closed
    supply.request(Trigger.REMOTE_DISCONNECT)
    assert not supply.contact_closed
    told = [
        code
        for _ in range(5)
        for code in supply.step(contact_closed=True, load=True, elapsed_s=1.0)
    ]
    assert told == [68]
    assert supply.contact_closed
