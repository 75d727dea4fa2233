"""The client's association: how it is asked for, proven, ended, and what protects its APDUs.

Green Book, IEC 62056-5-3 (COSEM-OPEN, COSEM-RELEASE, passes 1 to 4 of high-level security).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from addad.dlms import apdu as apdus
from addad.dlms.acse import Aare, Mechanism, Rlre, Rlrq
from addad.dlms.apdu import Apdu
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu_path import ApduPath, request_octets
from addad.dlms.association import AssociationState, Event, State
from addad.dlms.authentication import check_offer, read_counter_proof, write_proof
from addad.dlms.cosem_open import read_aare, unprotect_initiate, write_aarq, write_initiate
from addad.dlms.parameters import (
    CONFIRMED,
    HIGH_PRIORITY,
    NOTHING,
    RESPONSE_OCTETS_MAX,
    AssociationParameters,
    Negotiated,
    agreed,
    usable_pdu,
)
from addad.dlms.results import ServiceError
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.hls import Passes, Prover, check_challenge, check_reflection, prove, verify
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import Protection
from addad.errors import (
    AssociationError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    SecurityFault,
)

_REQUESTS: Final = (b"\xc0", b"\xc1", b"\xc3", b"\xd9")
_PROOF_INVOKE: Final = CONFIRMED | HIGH_PRIORITY | 1


class Associated(NamedTuple):
    """The association is open."""

    negotiated: Negotiated


class Released(NamedTuple):
    """The association is released."""


class ClientAssociation:
    """The state of an association with one server, its security, and the way of its APDUs.

    A `RemoteProtocolError` of any method leaves it to the caller to `abort`.
    """

    __slots__ = (
        "_counter",
        "_passes",
        "_spent",
        "negotiated",
        "parameters",
        "path",
        "security",
        "state",
    )

    def __init__(self, parameters: AssociationParameters) -> None:
        self.parameters = parameters
        self.state = AssociationState()
        self._spent = False
        self._reset()
        if parameters.pre_established:
            self.state.local(Event.ESTABLISHED)
            self._agreed(agreed(parameters.conformance, usable_pdu(parameters.max_pdu)))

    def _reset(self) -> None:
        asked = self.parameters
        self.negotiated = NOTHING
        self._passes: Passes | None = None
        self._counter: int | None = None
        self.security: SecurityContext | None = (
            None if asked.security is None else asked.security.fresh()
        )
        self.path = ApduPath(self.security if asked.ciphered else None, is_client=True)

    def _agreed(self, negotiated: Negotiated) -> None:
        self.negotiated = negotiated
        asked, security = self.parameters, self.path.security
        envelope = 0 if security is None else request_octets(security, asked.form, asked.protection)
        self.path.agree(negotiated, RESPONSE_OCTETS_MAX, envelope)

    def abort(self) -> None:
        """Back to idle."""
        self.state.local(Event.ABORT)
        self._reset()

    def send(self, apdu: bytes, confirmed: bool = True) -> tuple[bytes, ...]:
        """The APDUs that a request is, protected as the parameters say."""
        asked = self.parameters
        return self.path.send(apdu, asked.protection, asked.form, asked.broadcast, confirmed)

    # COSEM-OPEN

    def request(self) -> bytes:
        """The AARQ; raises `LocalProtocolError` unless idle, or for what cannot be offered."""
        asked = self.parameters
        if asked.broadcast or asked.pre_established:
            raise LocalProtocolError("there is no AARQ to all, nor where an association stands")
        check_offer(asked)
        if asked.ciphered and asked.form.dedicated and asked.dedicated_key is None:
            raise LocalProtocolError(f"{asked.form.name} wants a dedicated key; none is given")
        once = asked.dedicated_key is not None or asked.mechanism > Mechanism.LOW
        if once and self._spent:
            raise LocalProtocolError("the challenge and the dedicated key have been used")
        self._allow(Event.AARQ)
        self._reset()
        aarq = write_aarq(asked, self.security, asked.own_title)
        self.state.local(Event.AARQ)
        self._spent = True
        return aarq

    def receive_aare(self, aare: Aare) -> Associated | tuple[bytes, ...]:
        """The open association, or pass 3 to send."""
        asked, security = self.parameters, self.security
        if self.state.state is not State.ASSOCIATING:
            raise RemoteProtocolError(f"Aare while {self.state.state.name}")
        self._agreed(read_aare(aare, asked, security))
        if asked.mechanism <= Mechanism.LOW:
            self.state.remote(Event.ACCEPTED)
            return self._associated()
        challenge = aare.authentication_value or b""
        check_challenge(asked.mechanism, challenge)
        server_title = aare.responding_ap_title
        if server_title is None and security is not None:
            server_title = security.peer_title
        passes = Passes(asked.own_title or b"", server_title or b"", asked.challenge, challenge)
        check_reflection(asked.mechanism, passes)
        _check_no_request(challenge)
        self.state.remote(Event.CHALLENGED)
        self._passes = passes
        proof = prove(
            asked.mechanism, Prover.CLIENT, passes, secret=asked.password, security=security
        )
        general = CipheringForm.GENERAL_GLOBAL
        form = general if asked.form is general else CipheringForm.GLOBAL
        return self.path.send(write_proof(_PROOF_INVOKE, proof), asked.protection, form)

    # Passes 3 and 4

    @property
    def pending(self) -> bool:
        """Whether the server has still to prove itself."""
        return self._passes is not None

    def expect_proof(self) -> None:
        """Remember the server's counter before the envelope of its proof is opened."""
        passes, security = self._passes, self.security
        if passes is not None and security is not None:
            key = KeyId.GLOBAL_UNICAST_ENCRYPTION
            self._counter = security.counters.last(key, passes.server_title)

    def receive_proof(self, apdu: Apdu) -> Associated:
        """Pass 4: the association is open when the server has proved itself too."""
        asked, passes = self.parameters, self._passes
        if passes is None or isinstance(apdu, ExceptionResponse | ConfirmedServiceError):
            raise refused_with(apdu)
        verify(
            asked.mechanism,
            Prover.SERVER,
            passes,
            read_counter_proof(_PROOF_INVOKE, apdu),
            secret=asked.password,
            security=self.security,
            last=None if self.path.envelope is None else self._counter,
        )
        self._passes = None
        self.state.remote(Event.ACCEPTED)
        return self._associated()

    def _associated(self) -> Associated:
        key = self.parameters.dedicated_key
        if self.security is not None and key is not None:
            self.security.dedicated_key = key
        return Associated(self.negotiated)

    # COSEM-RELEASE

    def release(self) -> bytes:
        """The RLRQ; raises `LocalProtocolError` unless associated, or if it cannot be released."""
        asked = self.parameters
        if asked.pre_established:
            raise LocalProtocolError("a pre-established association is not released")
        self._allow(Event.RLRQ)
        proof = write_initiate(asked, self.security) if asked.ciphered else None
        self.state.local(Event.RLRQ)
        return Rlrq(user_information=proof).encode()

    def receive_rlre(self, rlre: Rlre) -> Released:
        """The release; a proof in it must be right."""
        self.state.remote(Event.RLRE)
        proof, security = rlre.user_information, self.path.security
        if proof is not None and security is not None:
            unprotect_initiate(proof, security, Protection.NONE)
        self._reset()
        return Released()

    def _allow(self, event: Event) -> None:
        if not self.state.allows(event):
            raise LocalProtocolError(f"no {event.name} while {self.state.state.name}")

    # Protection

    def check_protection(self) -> None:
        """Refuse an answer that is protected less than its request was."""
        envelope, required = self.path.envelope, self.parameters.protection
        if envelope is None:
            return
        if envelope.broadcast:
            raise SecurityError("an answer under the broadcast key", SecurityFault.POLICY)
        if envelope.protection == required:
            return
        if self.security is not None and self.security.unverified:
            required &= ~Protection.AUTHENTICATION
        if required & ~envelope.protection:
            raise SecurityError(
                f"an answer with {envelope.protection.words} to a request with {required.words}",
                SecurityFault.POLICY,
            )


def _check_no_request(challenge: bytes) -> None:
    """Refuse a challenge that is a request: a GMAC over it would authenticate that to the meter."""
    if challenge[:1] not in _REQUESTS:
        return
    try:
        apdus.decode(challenge)
    except RemoteProtocolError:
        return
    raise SecurityError("a challenge that is a request", SecurityFault.AUTHENTICATION)


def refused_with(apdu: Apdu) -> RemoteProtocolError:
    """What an exception in place of an AARE or a proof means; nobody has proven what it says."""
    if isinstance(apdu, ExceptionResponse):
        if apdu.service == ServiceError.INVOCATION_COUNTER_ERROR:
            return SecurityError(
                f"the peer expects invocation counter {apdu.invocation_counter} at least",
                SecurityFault.REPLAY,
                apdu.invocation_counter,
            )
        if apdu.service == ServiceError.DECIPHERING_ERROR:
            return SecurityError("the peer cannot decipher: a key or a system title is wrong")
    return AssociationError("the association is refused with an exception, without a reason")
