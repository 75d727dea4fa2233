"""A client's end of the meter that never says *done* before it is durable."""

from __future__ import annotations

from typing import Final

from addad.cosem.server import ServerEndpoint
from addad.dlms import apdu as apdus
from addad.dlms.apdu.action import ActionResponseWithList
from addad.dlms.apdu.set import SetResponseLastBlockWithList, SetResponseWithList
from addad.dlms.results import ActionResult, DataAccessResult
from addad.errors import DecodeError
from addad.host.running_meter import RunningMeter

_WRAPPER_OCTETS: Final = 8
_SET_RESPONSE: Final = 0xC5
_ACTION_RESPONSE: Final = 0xC7
_BLOCK_ACKNOWLEDGED: Final = {_SET_RESPONSE: 2, _ACTION_RESPONSE: 4}
_ONE_RESULT: Final = ((_SET_RESPONSE, 1), (_SET_RESPONSE, 3), (_ACTION_RESPONSE, 1))


class DurableEndpoint(ServerEndpoint):
    """Answers like `ServerEndpoint`; that a SET or ACTION took effect, once it is stored.

    A disk that is too slow delays the answer by `DURABLE_WAIT_S`, and no longer.
    """

    def __init__(self, running: RunningMeter) -> None:
        super().__init__(running.device)
        self._running = running

    def answer(self) -> bytes | None:
        """See `ServerEndpoint.answer`."""
        octets = super().answer()
        if octets and took_effect(octets[_WRAPPER_OCTETS:]):
            self._running.settle()
        return octets


def took_effect(apdu: bytes) -> bool:
    """Whether a response says that a SET or ACTION was done, or may have been in part."""
    if len(apdu) < 4 or apdu[0] not in _BLOCK_ACKNOWLEDGED:
        return False
    kind, choice, result = apdu[0], apdu[1], apdu[3]
    if choice == _BLOCK_ACKNOWLEDGED[kind]:
        return False
    return result == 0 if (kind, choice) in _ONE_RESULT else _some_done(apdu)


def _some_done(apdu: bytes) -> bool:
    """Whether one of several items was done; who may do nothing must cost the disk nothing."""
    try:
        response = apdus.decode(apdu)
    except DecodeError:
        return True
    match response:
        case SetResponseWithList(results=results) | SetResponseLastBlockWithList(results=results):
            return DataAccessResult.SUCCESS in results
        case ActionResponseWithList(outcomes=outcomes):
            return any(outcome.result is ActionResult.SUCCESS for outcome in outcomes)
        case _:
            return True
