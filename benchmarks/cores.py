"""Ciphered GETs without a socket: our client's and server's cores beside dlms-cosem's client alone.

The peer's answers are enciphered beforehand, so that only its client counts.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import time
from typing import Any

from bench_meter import AUTHENTICATION, ENCRYPTION, SECURED, device
from bench_meter import context as security

from addad import obis
from addad.cosem.classes import Register
from addad.cosem.sessions import Sessions
from addad.dlms.acse import Mechanism
from addad.dlms.client_exchanges import GetReply
from addad.dlms.connection import AssociationParameters, ClientConnection

TITLE = b"CORECLNT"
METER_TITLE = b"COREMETR"
ENERGY = Register.value.of(obis.ACTIVE_ENERGY_IMPORT)
VALUE = bytes.fromhex("060001E240")
GETS = 3000
THEIR_GETS = 500
ROUNDS = 7
WANTED_RATIO = 3


class Ours:
    """Both cores, associated by GMAC; octets go from hand to hand."""

    def __init__(self) -> None:
        asked = AssociationParameters(
            SECURED,
            mechanism=Mechanism.HIGH_GMAC,
            security=security(TITLE, METER_TITLE),
            challenge=bytes(range(16)),
        )
        self._client = ClientConnection(asked)
        self._sessions = Sessions(device(METER_TITLE))
        self._exchange(self._client.associate())

    def _exchange(self, requests: tuple[bytes, ...]) -> object:
        reply = None
        for request in requests:
            for answer in self._sessions.answer(SECURED, 1, request):
                reply = self._client.receive(answer)
                if reply is None and self._client.outgoing:
                    reply = self._exchange(self._client.outgoing)
        return reply

    def gets(self, count: int) -> None:
        """So many GETs, one after the other."""
        client, sessions = self._client, self._sessions
        wanted, expected = (ENERGY,), GetReply((VALUE,))
        for _ in range(count):
            (request,) = client.get(wanted)
            (answer,) = sessions.answer(SECURED, 1, request)
            assert client.receive(answer) == expected


class Theirs:
    """The peer's client core in a ciphered association, with answers made beforehand."""

    def __init__(self) -> None:
        import structlog
        from dlms_cosem import cosem, enumerations
        from dlms_cosem import security as ciphering
        from dlms_cosem.connection import DlmsConnection
        from dlms_cosem.protocol import xdlms

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._control = ciphering.SecurityControlField(0, True, True)
        self._encrypt, self._xdlms = ciphering.encrypt, xdlms
        self._connection: Any = DlmsConnection.with_pre_established_association(
            client_system_title=TITLE,
            conformance=xdlms.Conformance(get=True, general_protection=False),
            max_pdu_size=65535,
            global_encryption_key=ENCRYPTION,
            global_authentication_key=AUTHENTICATION,
            meter_system_title=METER_TITLE,
        )
        self._connection.security_suite = 0
        self._connection.client_invocation_counter = 1
        self._connection.meter_invocation_counter = 1
        name = cosem.Obis.from_bytes(bytes(obis.ACTIVE_ENERGY_IMPORT))
        register = enumerations.CosemInterface.REGISTER
        self._attribute = cosem.CosemAttribute(register, name, 2)
        self._counter = 1

    def answers(self, count: int) -> list[bytes]:
        """Answers to the next GETs."""
        made = []
        for _ in range(count):
            self._counter += 1
            text = self._encrypt(
                self._control,
                METER_TITLE,
                self._counter,
                ENCRYPTION,
                bytes.fromhex("C401C100") + VALUE,
                AUTHENTICATION,
            )
            answer = self._xdlms.GeneralGlobalCipher(
                system_title=METER_TITLE,
                security_control=self._control,
                invocation_counter=self._counter,
                ciphered_text=text,
            )
            made.append(answer.to_bytes())
        return made

    def gets(self, answers: list[bytes]) -> None:
        """A GET for each answer."""
        for answer in answers:
            self._connection.send(self._xdlms.GetRequestNormal(cosem_attribute=self._attribute))
            self._connection.receive_data(answer)
            event = self._connection.next_event()
            assert event.data == VALUE


def main() -> int:
    """Print the ratio; 0 if it is what is wanted. With --json, the line that `run.py` reads."""
    ours, theirs = Ours(), Theirs()
    ours.gets(GETS // 10)
    theirs.gets(theirs.answers(THEIR_GETS // 10))
    pairs = []
    for _ in range(ROUNDS):
        begun_s = time.process_time()
        ours.gets(GETS)
        mine = GETS / (time.process_time() - begun_s)
        answers = theirs.answers(THEIR_GETS)
        begun_s = time.process_time()
        theirs.gets(answers)
        pairs.append((mine, THEIR_GETS / (time.process_time() - begun_s)))
    mine, peer = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    found = {
        "work": "ciphered GETs, both our cores, beside dlms-cosem's client core",
        "ours": mine,
        "peer": peer,
        "unit": "GET/s",
        "ratio": ratio,
        "target": WANTED_RATIO,
    }
    print(json.dumps(found) if "--json" in sys.argv else f"{found}")
    return 0 if ratio >= WANTED_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
