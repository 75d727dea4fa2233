"""The clients of gurux-dlms and dlms-cosem, each behind the same questions to a meter.

`connect(host, port, client_sap, password)` opens an association over real TCP; both block, so that
a test runs them in a thread beside the meter's event loop, or against a meter in another process.
"""

import contextlib
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from addad.obis import Obis

ANSWER_S = 60.0
Row = list[Any]


class GuruxClient:
    """gurux-dlms over its own frames, on a plain socket."""

    name = "gurux-dlms"

    def __init__(self, host: str, port: int, client_sap: int, password: bytes | None) -> None:
        from gurux_dlms import GXDLMSClient
        from gurux_dlms.enums import Authentication, InterfaceType

        level = Authentication.LOW if password else Authentication.NONE
        self._client = GXDLMSClient(True, client_sap, 1, level, password, InterfaceType.WRAPPER)
        self._socket = socket.create_connection((host, port), ANSWER_S)

    def _request(self, frames: Any) -> Any:
        """Send, and receive block by block until the answer is whole."""
        from gurux_dlms import GXReplyData

        reply = GXReplyData()
        for frame in frames if isinstance(frames, list) else [frames]:
            self._exchange(frame, reply)
            while reply.isMoreData():
                self._exchange(self._client.receiverReady(reply), reply)
        return reply

    def _exchange(self, frame: bytes, reply: Any) -> None:
        from gurux_dlms import GXByteBuffer

        self._socket.sendall(bytes(frame))
        received = GXByteBuffer()
        reply.error = 0
        while True:
            octets = self._socket.recv(65536)
            if not octets:
                raise ConnectionError("closed by the meter")
            received.set(octets)
            if self._client.getData(received, reply):
                break
        if reply.error:
            raise PermissionError(int(reply.error))

    def open(self) -> None:
        self._client.parseAareResponse(self._request(self._client.aarqRequest()).data)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._request(self._client.releaseRequest())
        self._socket.close()

    def object_list(self) -> set[tuple[int, str]]:
        reply = self._request(self._client.getObjectsRequest())
        objects = self._client.parseObjects(reply.data, False)
        return {(int(item.objectType), str(item.logicalName)) for item in objects}

    def _read(self, kind: str, code: Obis, index: int) -> Any:
        from gurux_dlms import objects

        item = getattr(objects, kind)(code.dotted)
        reply = self._request(self._client.read(item, index))
        self._client.updateValue(item, index, reply.value)
        return item

    def register(self, code: Obis) -> tuple[float, int]:
        """The raw value scaled by the meter's own scaler, and the unit."""
        item = self._read("GXDLMSRegister", code, 3)
        reply = self._request(self._client.read(item, 2))
        self._client.updateValue(item, 2, reply.value)
        return float(item.value), int(item.unit)

    def clock(self, code: Obis) -> datetime:
        return _moment(self._read("GXDLMSClock", code, 2).time)

    def profile(self, code: Obis, first: datetime, last: datetime) -> list[Row]:
        from gurux_dlms import GXDateTime

        item = self._read("GXDLMSProfileGeneric", code, 3)
        request = self._client.readRowsByRange(item, GXDateTime(first), GXDateTime(last))
        self._client.updateValue(item, 2, self._request(request).value)
        return [[_moment(row[0]), *map(_number, row[1:])] for row in item.buffer]

    def relay_state(self, code: Obis) -> tuple[bool, int]:
        item = self._read("GXDLMSDisconnectControl", code, 2)
        reply = self._request(self._client.read(item, 3))
        self._client.updateValue(item, 3, reply.value)
        return bool(item.outputState), int(item.controlState)

    def switch_relay(self, code: Obis, closed: bool) -> None:
        from gurux_dlms.enums import DataType
        from gurux_dlms.objects import GXDLMSDisconnectControl

        item = GXDLMSDisconnectControl(code.dotted)
        self._request(self._client.method(item, 2 if closed else 1, 0, DataType.INT8))


class DlmsCosemClient:
    """dlms-cosem, with its own TCP transport."""

    name = "dlms-cosem"

    def __init__(self, host: str, port: int, client_sap: int, password: bytes | None) -> None:
        import structlog
        from dlms_cosem.client import DlmsClient
        from dlms_cosem.io import BlockingTcpIO, TcpTransport
        from dlms_cosem.security import LowLevelSecurityAuthentication, NoSecurityAuthentication

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        transport = TcpTransport(client_sap, 1, BlockingTcpIO(host, port, int(ANSWER_S)))
        level = LowLevelSecurityAuthentication(password) if password else NoSecurityAuthentication()
        self._client = DlmsClient(transport, level, block_transfer=True, max_pdu_size=1024)

    def open(self) -> None:
        self._client.connect()
        self._client.associate()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._client.release_association()
        self._client.disconnect()

    def _attribute(self, class_id: int, code: Obis, index: int) -> Any:
        from dlms_cosem import cosem, enumerations

        name = cosem.Obis.from_bytes(bytes(code))
        return cosem.CosemAttribute(enumerations.CosemInterface(class_id), name, index)

    def _get(self, class_id: int, code: Obis, index: int, selection: Any = None) -> bytes:
        from dlms_cosem.client import DataResultError

        try:
            return self._client.get(self._attribute(class_id, code, index), selection)
        except DataResultError as refused:
            raise PermissionError(str(refused)) from None

    def _value(self, class_id: int, code: Obis, index: int) -> Any:
        from dlms_cosem import utils

        return utils.parse_as_dlms_data(self._get(class_id, code, index))

    def object_list(self) -> set[tuple[int, str]]:
        from dlms_cosem.parsers import AssociationObjectListParser

        octets = self._get(15, Obis.parse("0-0:40.0.0"), 2)
        parsed = AssociationObjectListParser.parse_bytes(octets)
        return {(int(item.interface), item.logical_name.to_string(".")) for item in parsed}

    def register(self, code: Obis) -> tuple[float, int]:
        raw = self._value(3, code, 2)
        scaler, unit = self._value(3, code, 3)
        return raw * 10.0**scaler, unit

    def clock(self, code: Obis) -> datetime:
        from dlms_cosem.time import datetime_from_bytes

        moment, _ = datetime_from_bytes(self._value(8, code, 2))
        return _moment(moment)

    def profile(self, code: Obis, first: datetime, last: datetime) -> list[Row]:
        from dlms_cosem.cosem.capture_object import CaptureObject
        from dlms_cosem.cosem.selective_access import RangeDescriptor
        from dlms_cosem.parsers import ProfileGenericBufferParser

        clock = CaptureObject(self._attribute(8, Obis.parse("0-0:1.0.0"), 2), 0)
        columns = [
            self._attribute(class_id, Obis(bytes(name)), index)
            for class_id, name, index, _ in self._value(7, code, 3)
        ]
        octets = self._get(7, code, 2, RangeDescriptor(clock, first, last))
        parsed = ProfileGenericBufferParser(columns, 15).parse_bytes(octets)
        return [[_moment(row[0].value), *(cell.value for cell in row[1:])] for row in parsed]

    def relay_state(self, code: Obis) -> tuple[bool, int]:
        return bool(self._value(70, code, 2)), self._value(70, code, 3)

    def switch_relay(self, code: Obis, closed: bool) -> None:
        from dlms_cosem import cosem, dlms_data, enumerations

        kind = enumerations.CosemInterface.DISCONNECT_CONTROL
        name = cosem.Obis.from_bytes(bytes(code))
        method = cosem.CosemMethod(kind, name, 2 if closed else 1)
        self._client.action(method, dlms_data.IntegerData(0).to_bytes())


def _moment(value: Any) -> datetime:
    moment = value.value if hasattr(value, "value") else value
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # a deviation of 0 is lost


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, int) else value


CLIENTS = (GuruxClient, DlmsCosemClient)
Foreign = GuruxClient | DlmsCosemClient


@contextlib.contextmanager
def connect(
    kind: type[Foreign], host: str, port: int, client_sap: int, password: bytes | None
) -> Iterator[Foreign]:
    """A foreign client with an open association."""
    client = kind(host, port, client_sap, password)
    try:
        client.open()
        yield client
    finally:
        client.close()
