"""A click opens the relay: requested, accepted, read back, and only then confirmed or failed.

Each step is stored with its audit row before it is told. The relay is switched over an association
of its own, with the management password, after the meter has said who it is.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from addad import obis
from addad.cosem.classes.control import DisconnectControl
from addad.errors import AccessError, InputError, StorageError
from addad.headend.inventory import check_text
from addad.headend.link import LINK_FAILURES, MeterClient, Target, check_identity
from addad.headend.office import Office
from addad.headend.payloads import CommandRow, RelayStep, iso
from addad.headend.store import orders, places
from addad.headend.store.orders import RelayCommand
from addad.headend.store.places import Placement

logger = logging.getLogger(__name__)

CONFIRM_DIGITS: Final = 4
READ_BACK_S: Final = 20.0
READ_BACK_PAUSE_S: Final = 0.25
DISCONNECTED, CONNECTED, READY = 0, 1, 2
CLOSES_REMOTELY: Final = (2, 4, 7)
"""Control modes in which a remote reconnection closes the relay; in others a person has to."""

ACTIONS: Final = ("disconnect", "reconnect")
WORDS: Final = {
    DISCONNECTED: "Disconnected",
    CONNECTED: "Connected",
    READY: "Ready for reconnection: the customer has to push the lever",
}


@dataclass(frozen=True)
class _Outcome:
    step: str
    message: str
    state: int | None = None


class RelayCommands:
    """Carries out relay commands, one at a time a meter."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._tasks: set[asyncio.Task[None]] = set()

    async def request(
        self, placement: Placement, action: str, reason: str, confirm: str, who: str
    ) -> RelayStep:
        """Take a command in; its further steps are told by the place's feed.

        Raises `InputError` for an unknown action, no reason or wrong digits, and its branches
        `CommandPending` and `TooManyDisconnects`.
        """
        office, meter = self._office, placement.meter
        if action not in ACTIONS:
            raise InputError("the action is disconnect or reconnect")
        if not check_text(reason).strip():
            raise InputError("give the reason; it is kept with the command")
        if confirm != meter.serial[-CONFIRM_DIGITS:]:
            raise InputError(f"type the last {CONFIRM_DIGITS} characters of the meter's serial")
        place = placement.installation.service_point_id
        order = await office.stored(
            orders.begin, office.store, place, meter.id, action, reason.strip(), who, office.now()
        )
        step = self._told(order, "requested", "", None)
        task = asyncio.create_task(self._carry_out(order, placement))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return step

    async def settle_unfinished(self) -> None:
        """Close the commands that a head end that was stopped has left open."""
        office = self._office
        for order in await office.stored(orders.unfinished, office.store):
            message = "The head end stopped before the outcome was known; look at the state"
            await self._advance(order, _Outcome("failed", message))

    async def stop(self) -> None:
        """Drop running commands; what they leave open is settled at the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry_out(self, order: RelayCommand, placement: Placement) -> None:
        try:
            outcome = await self._switch(order, placement)
        except StorageError as error:
            logger.error("command %d: %s", order.id, error)
            outcome = _Outcome("failed", "The steps could not be stored; look at the state")
        except Exception:
            logger.exception("command %d failed", order.id)
            outcome = _Outcome("failed", "Something failed here; look at the state")
        try:
            await self._advance(order, outcome)
        except StorageError as error:
            logger.error("command %d ended %s, not stored: %s", order.id, outcome.step, error)

    async def _switch(self, order: RelayCommand, placement: Placement) -> _Outcome:
        sent = False
        try:
            async with (
                asyncio.timeout(READ_BACK_S),
                self._office.connect(await self._target(placement)) as client,
            ):
                await check_identity(client, placement.meter)
                mode = await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.control_mode)
                sent = True
                if order.action == "disconnect":
                    method = DisconnectControl.remote_disconnect
                else:
                    method = DisconnectControl.remote_reconnect
                await client.action(obis.DISCONNECT_CONTROL, method, 0)
                await self._advance(order, _Outcome("accepted", ""))
                return await _read_back(client, _expected(order.action, int(mode)))
        except AccessError as error:
            return _Outcome("failed", f"The meter refused (result {int(error.result)})")
        except LINK_FAILURES as error:
            if not sent:
                return _Outcome("failed", f"Nothing was sent: {_why(error)}")
        return await self._read_back_later(order, placement)

    async def _read_back_later(self, order: RelayCommand, placement: Placement) -> _Outcome:
        """The link broke after the command was sent: ask again until the state is known."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + READ_BACK_S
        pause_s = 1.0
        while loop.time() < deadline_s:
            await asyncio.sleep(pause_s)
            pause_s *= 2
            try:
                async with (
                    asyncio.timeout(READ_BACK_S),
                    self._office.connect(await self._target(placement)) as client,
                ):
                    await check_identity(client, placement.meter)
                    control = obis.DISCONNECT_CONTROL
                    mode = await client.get(control, DisconnectControl.control_mode)
                    return await _read_back(client, _expected(order.action, int(mode)))
            except LINK_FAILURES as error:
                logger.info("command %d: no read-back yet: %s", order.id, _why(error))
        return _Outcome("failed", "The state could not be read back; the relay may have switched")

    async def _target(self, placement: Placement) -> Target:
        office, meter = self._office, placement.meter
        sealed = await office.stored(places.get_passwords, office.store, meter.id)
        password = office.vault.open(sealed.management, meter.serial)
        timeout_s = office.settings.answer_timeout_s
        return Target(meter.host, meter.port, meter.management_sap, password, timeout_s)

    async def _advance(self, order: RelayCommand, outcome: _Outcome) -> None:
        office = self._office
        await office.stored(
            orders.advance, office.store, order, outcome.step, outcome.message, office.now()
        )
        self._told(order, outcome.step, outcome.message, outcome.state)

    def _told(self, order: RelayCommand, step: str, message: str, state: int | None) -> RelayStep:
        told = RelayStep(command_id=order.id, step=step, state=state, message=message)
        self._office.hub.publish(order.service_point_id, "relay", told)
        logger.info("command %d %s: %s %s", order.id, order.action, step, message)
        return told


def command_row(order: RelayCommand) -> CommandRow:
    """A command as it is told to pages and programs."""
    return CommandRow(
        command_id=order.id,
        action=order.action,
        step=order.step,
        who=order.who,
        reason=order.reason,
        message=order.message,
        requested_at=iso(order.requested_at),
        finished_at=None if order.finished_at is None else iso(order.finished_at),
    )


def _expected(action: str, mode: int) -> int:
    if action == "disconnect":
        return DISCONNECTED
    return CONNECTED if mode in CLOSES_REMOTELY else READY


async def _read_back(client: MeterClient, expected: int) -> _Outcome:
    """Ask for both states until they are the expected ones, or time is over."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + READ_BACK_S / 2
    while True:
        control = await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.control_state)
        output = await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)
        state = int(control)
        if state == expected and output == (expected == CONNECTED):
            return _Outcome("confirmed", WORDS[state], state)
        if loop.time() >= deadline_s:
            stands = WORDS.get(state, str(state))
            return _Outcome("failed", f"The relay did not follow. State: {stands}", state)
        await asyncio.sleep(READ_BACK_PAUSE_S)


def _why(error: BaseException) -> str:
    return "the meter does not answer" if isinstance(error, TimeoutError) else str(error)
