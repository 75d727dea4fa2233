"""Scripts run with the rights of who calls, calls need somebody to call, unbuilt methods refuse."""

import pytest

from addad import obis
from addad.cosem.classes import DisconnectControl, ImageTransfer, Register
from addad.cosem.classes.control import ControlState
from addad.cosem.classes.image import ImageTransferInitiate
from addad.cosem.classes.modem import AutoConnectMode, AutoConnectV1
from addad.cosem.classes.monitoring import RegisterMonitor
from addad.cosem.classes.schedules import ActionSpecification, Script, ScriptService, ScriptTable
from addad.dlms.data import Data, Tag
from addad.dlms.results import ActionResult, DataAccessResult
from addad.obis import Obis
from meter.table_desk import TableDesk

IMAGE, CALLS = Obis.parse("0-0:44.0.0"), Obis.parse("0-0:2.1.0")
NUMBER = ScriptTable.execute.parameter
SCRIPTS = """
[[object]]
class = 9
name = "0-0:10.0.0"
writable = ["scripts"]
attributes.scripts = []
"""


def test_st_01_an_unknown_script_is_an_error(desk) -> None:
    for number in (0, 7):
        refused = desk.act(obis.DISCONNECT_SCRIPTS, ScriptTable.execute, NUMBER.to_data(number))
        assert refused is ActionResult.OBJECT_UNAVAILABLE
    wrong = desk.act(obis.DISCONNECT_SCRIPTS, ScriptTable.execute, Data(Tag.UNSIGNED, 1))
    assert wrong is ActionResult.TYPE_UNMATCHED


def test_a_script_opens_the_relay_and_tells_what_was_refused(desk) -> None:
    execute = ScriptTable.execute
    done = desk.act(obis.DISCONNECT_SCRIPTS, execute, NUMBER.to_data(1))
    assert done is ActionResult.SUCCESS
    state = desk.get(obis.DISCONNECT_CONTROL, DisconnectControl.control_state)
    assert state is ControlState.DISCONNECTED
    again = desk.act(obis.DISCONNECT_SCRIPTS, execute, NUMBER.to_data(1))
    assert again is ActionResult.READ_WRITE_DENIED


def test_st_03_who_may_not_switch_may_not_by_a_script(desk) -> None:
    refused, _ = desk.reader.action(
        ScriptTable.execute.of(obis.DISCONNECT_SCRIPTS), NUMBER.to_data(1)
    )
    assert refused is ActionResult.READ_WRITE_DENIED
    assert desk.meter.supply.relay.closed


class Recorder:
    """A caller who may do everything but write."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int]] = []

    def set(self, descriptor: object, data: Data) -> DataAccessResult:
        self.done.append(("set", int(data.value)))  # type: ignore[arg-type]
        return DataAccessResult.READ_WRITE_DENIED

    def action(self, descriptor: object, data: Data | None) -> tuple[ActionResult, None]:
        from addad.dlms.results import ActionOutcome

        assert data is not None
        self.done.append(("action", int(data.value)))  # type: ignore[arg-type]
        return ActionOutcome(ActionResult.SUCCESS)  # type: ignore[return-value]


def test_st_02_all_actions_run_in_order_and_the_first_refusal_is_told() -> None:
    desk = TableDesk(SCRIPTS)
    write, run = ScriptService.WRITE_ATTRIBUTE, ScriptService.EXECUTE_METHOD
    name = Obis.parse("1-0:1.8.0")
    actions = tuple(
        ActionSpecification(service, 3, name, 1, Data(Tag.INTEGER, number))
        for number, service in enumerate((run, write, run))
    )
    assert desk.set(ScriptTable.scripts, (Script(3, actions),)) == 0
    caller = Recorder()
    does = desk.first.does[ScriptTable.execute.index]
    with pytest.raises(Exception, match="refused") as refused:
        does.run(NUMBER.to_data(3), caller)  # type: ignore[arg-type]
    assert refused.value.result == DataAccessResult.READ_WRITE_DENIED  # type: ignore[attr-defined]
    assert caller.done == [("action", 0), ("set", 1), ("action", 2)]


def test_a_script_runs_no_script(desk) -> None:
    own = Obis.parse("0-0:10.0.106")
    desk.meter.table.attributes.write(
        own,
        2,
        ScriptTable.scripts.type.encode(
            (
                Script(
                    1,
                    (
                        ActionSpecification(
                            ScriptService.EXECUTE_METHOD, 9, own, 1, Data(Tag.LONG_UNSIGNED, 1)
                        ),
                    ),
                ),
            )
        ),
    )
    refused = desk.act(own, ScriptTable.execute, NUMBER.to_data(1))
    assert refused is ActionResult.SCOPE_OF_ACCESS_VIOLATED


def test_scripts_have_numbers_of_their_own() -> None:
    desk = TableDesk(SCRIPTS)
    for numbers in ((0,), (1, 1)):
        scripts = tuple(Script(number, ()) for number in numbers)
        assert desk.set(ScriptTable.scripts, scripts) == DataAccessResult.OTHER_REASON


def test_the_meter_is_told_to_call_if_there_is_whom(desk) -> None:
    def connect() -> ActionResult:
        return desk.act(CALLS, AutoConnectV1.connect)

    assert connect() is ActionResult.OTHER_REASON
    assert desk.set(CALLS, AutoConnectV1.destination_list, (b"head.end:4059",)) == 0
    assert connect() is ActionResult.OTHER_REASON
    assert desk.set(CALLS, AutoConnectV1.mode, AutoConnectMode.ON_INVOCATION) == 0
    assert connect() is ActionResult.SUCCESS
    assert desk.meter.table.calling.take_invocation()
    assert not desk.meter.table.calling.take_invocation()


def test_only_calls_over_tcp_can_be_set(desk) -> None:
    refused = DataAccessResult.OTHER_REASON
    assert desk.set(CALLS, AutoConnectV1.mode, AutoConnectMode.E_MAIL) == refused
    for destinations in ((b"nowhere",), (b"\xff:1",), (b"a:1",) * 17):
        assert desk.set(CALLS, AutoConnectV1.destination_list, destinations) == refused


def test_thresholds_are_of_the_type_of_what_is_monitored() -> None:
    desk = TableDesk(
        '[[object]]\nclass = 21\nname = "0-0:16.0.1"\nwritable = ["thresholds", "actions"]\n'
        "[object.attributes]\nthresholds = []\n"
        'monitored_value = [3, "1-0:1.8.0", 2]\nactions = []'
    )
    thresholds = RegisterMonitor.thresholds
    assert desk.set(thresholds, (Data(Tag.DOUBLE_LONG_UNSIGNED, 5),)) == 0
    unmatched = DataAccessResult.TYPE_UNMATCHED
    assert desk.set(thresholds, (Data(Tag.LONG_UNSIGNED, 5),)) == unmatched


def test_a_method_that_is_not_built_takes_its_type_and_refuses(desk) -> None:
    initiate = ImageTransfer.image_transfer_initiate
    request = initiate.parameter.to_data(ImageTransferInitiate(b"image", 1000))
    assert desk.act(IMAGE, initiate, request) is ActionResult.READ_WRITE_DENIED
    wrong = Data(Tag.OCTET_STRING, b"image")
    assert desk.act(IMAGE, initiate, wrong) is ActionResult.TYPE_UNMATCHED
    status = ImageTransfer.image_transfer_status
    assert desk.get(IMAGE, status) == 0
    assert desk.act(obis.ACTIVE_ENERGY_IMPORT, Register.reset) is ActionResult.READ_WRITE_DENIED
