"""The push of alarms as clients see it, and what it tells.

Blue Book, Push setup (class 40), in the version that the meter's table names. Pushes go over TCP,
unconfirmed, and are tried again after a delay that does not grow. They are plain, or under the keys
of a security setup of their own (general-glo-ciphering of the Green Book).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from addad import obis
from addad.cosem.classes.definitions import RestrictedObject, Restriction, RestrictionType
from addad.cosem.classes.internet import (
    ConfirmationParameters,
    MessageType,
    PushObject,
    PushOperationMethod,
    PushSetup,
    PushSetupV1,
    PushSetupV2,
    RepetitionDelay,
    SendDestination,
    TransportService,
)
from addad.cosem.classes.measurement import CaptureObject
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Binding
from addad.cosem.physical_device import PhysicalDevice
from addad.dlms import data as axdr
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import NULL
from addad.dlms.results import DataAccessResult
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.errors import AccessError
from addad.meter.associations import PUSH_SETUP
from addad.meter.device import Meter
from addad.meter.event_codes import PARAMETERS_CHANGED
from addad.meter.push import PushAttempt
from addad.meter.security import SetupContext
from addad.obis import Obis

PUSH_OBJECTS: Final = (
    CaptureObject(40, obis.PUSH_SETUP_ALARM, 1),
    CaptureObject(1, obis.LOGICAL_DEVICE_NAME, 2),
    CaptureObject(1, obis.ALARM_DESCRIPTOR_1, 2),
    CaptureObject(1, obis.ALARM_DESCRIPTOR_2, 2),
)
"""What an alarm's push tells, in this order: who, and which alarms have not been cleared."""

TCP_PORT: Final = Obis.parse("0-0:25.0.0")
PUSH_CLIENT_SAP: Final = 1
SAME_DELAY: Final = 100
"""The exponent, in hundredths, of a delay that does not grow."""
_WHOLE: Final = Restriction(RestrictionType.NONE, NULL)
_NEVER: Final = DateTime(None, None, None)
_Version: TypeAlias = type[PushSetup] | type[PushSetupV1] | type[PushSetupV2]
VERSIONS: Final[dict[int, _Version]] = {0: PushSetup, 1: PushSetupV1, 2: PushSetupV2}


def notification(device: PhysicalDevice, meter: Meter, push: PushAttempt) -> bytes:
    """The APDU of a push that is due: the values of its objects as they are now.

    A protected one spends a counter each time it is tried. Raises `SecurityError` when there is
    none to be had.
    """
    logical = device.at(1)
    assert logical is not None
    values = []
    for captured in PUSH_OBJECTS:
        octets = logical[captured.logical_name].reads[captured.attribute_index].encode(None)
        assert isinstance(octets, bytes)
        values.append(axdr.decode(octets))
    body = axdr.Data(axdr.Tag.STRUCTURE, tuple(values))
    apdu = DataNotification(push.invoke_id, meter.clock.date_time(push.due), body).encode()
    if not meter.settings.push.protected:
        return apdu
    context = SetupContext(meter.security.setups[PUSH_SETUP.number])
    return context.protect(apdu, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL)


def push_object(meter: Meter) -> CosemObject:
    """The push setup of alarms."""
    version = VERSIONS[meter.settings.model.push_version]
    bindings = [*_shared(meter, version), *_of_version(meter, version)]
    return CosemObject(version, obis.PUSH_SETUP_ALARM, *bindings)


def _shared(meter: Meter, version: _Version) -> Iterator[Binding]:
    notices, queue = meter.notices, meter.notices.queue

    def destination() -> SendDestination:
        text = notices.destination.encode("ascii")
        return SendDestination(TransportService.TCP, text, MessageType.A_XDR)

    def set_destination(to: SendDestination) -> None:
        known = to.transport_service is TransportService.TCP and to.message is MessageType.A_XDR
        if not known or not notices.set_destination(to.destination):
            raise AccessError(DataAccessResult.OTHER_REASON)

    def set_retries(count: int) -> None:
        queue.retries = count
        notices.note(PARAMETERS_CHANGED)

    yield version.send_destination_and_method.reads(destination)
    yield version.send_destination_and_method.writes(set_destination)
    yield version.communication_window.reads(tuple)
    yield version.randomisation_start_interval.reads(lambda: 0)
    yield version.number_of_retries.reads(lambda: queue.retries)
    yield version.number_of_retries.writes(set_retries)
    yield version.push.does(lambda _: queue.request(meter.clock.time))


def _of_version(meter: Meter, version: _Version) -> Iterator[Binding]:
    queue = meter.notices.queue

    def set_delay(delay_s: int) -> None:
        queue.delay_s = delay_s
        meter.notices.note(PARAMETERS_CHANGED)

    def set_growing(delay: RepetitionDelay) -> None:
        if delay != _same(delay.repetition_delay_min):
            raise AccessError(DataAccessResult.OTHER_REASON, "the delay does not grow here")
        set_delay(delay.repetition_delay_min)

    if issubclass(version, PushSetup):
        yield PushSetup.push_object_list.reads(lambda: PUSH_OBJECTS)
        yield PushSetup.repetition_delay.reads(lambda: queue.delay_s)
        yield PushSetup.repetition_delay.writes(set_delay)
        return
    yield version.port_reference.reads(lambda: TCP_PORT)
    yield version.push_client_sap.reads(lambda: PUSH_CLIENT_SAP)
    yield version.push_protection_parameters.reads(tuple)
    if issubclass(version, PushSetupV1):
        restricted = tuple([RestrictedObject(*one, _WHOLE) for one in PUSH_OBJECTS])
        yield PushSetupV1.push_object_list.reads(lambda: restricted)
        yield PushSetupV1.repetition_delay.reads(lambda: queue.delay_s)
        yield PushSetupV1.repetition_delay.writes(set_delay)
        return
    pushed = tuple([PushObject(*one, _WHOLE) for one in PUSH_OBJECTS])
    unconfirmed = PushOperationMethod.UNCONFIRMED_RETRY_ON_FAILURE
    yield PushSetupV2.push_object_list.reads(lambda: pushed)
    yield PushSetupV2.repetition_delay.reads(lambda: _same(queue.delay_s))
    yield PushSetupV2.repetition_delay.writes(set_growing)
    yield PushSetupV2.push_operation_method.reads(lambda: unconfirmed)
    yield PushSetupV2.confirmation_parameters.reads(lambda: ConfirmationParameters(_NEVER, 0))
    yield PushSetupV2.last_confirmation_date_time.reads(lambda: _NEVER)
    yield PushSetupV2.reset.does(lambda _: queue.forget())


def _same(delay_s: int) -> RepetitionDelay:
    return RepetitionDelay(delay_s, SAME_DELAY, delay_s)
