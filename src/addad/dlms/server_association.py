"""The server's association: who may open it, how he proves himself, how it ends.

Green Book, IEC 62056-5-3 (COSEM-OPEN, COSEM-RELEASE, passes 1 to 4 of high-level security).
"""

from __future__ import annotations

from typing import Final

from addad.dlms import apdu as apdus
from addad.dlms.acse import Aarq, Mechanism, Rlre, Rlrq
from addad.dlms.apdu.action import ActionRequest, ActionResponse
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu_path import ApduPath
from addad.dlms.association import AssociationState, Event, State
from addad.dlms.authentication import read_proof, write_counter_proof
from addad.dlms.cosem_open import (
    DECIPHERING,
    Asked,
    Refusal,
    read_aarq,
    unprotect_initiate,
    write_aare,
    write_initiate_response,
    write_refusal,
)
from addad.dlms.indications import AssociateIndication, Incident, IncidentKind, incident_of
from addad.dlms.parameters import NOTHING, Negotiated, ServerParameters, agreed, usable_pdu
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    UserDiagnostic,
)
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.hls import Passes, Prover, check_challenge, prove, verify
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.dlms.server_refusals import NOT_POSSIBLE, counter_error
from addad.errors import (
    DecodeError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    SecurityFault,
)

INCIDENTS_MAX: Final = 16
"""Incidents kept until they are asked for; the rest is forgotten."""
_BOTH: Final = AUTHENTICATED_ENCRYPTION
OPEN: Final = (State.ASSOCIATED, State.SERVING)
_CHANGING: Final = frozenset((0xC1, 0xC3))
"""The tags of SET and ACTION."""
_AUTHENTICATION_DIAGNOSTICS: Final = (
    UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED,
    UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED,
    UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED,
    UserDiagnostic.AUTHENTICATION_FAILURE,
    UserDiagnostic.AUTHENTICATION_REQUIRED,
)


class ServerAssociation:
    """The state of an association with one client, its security, and the way of its APDUs.

    `outgoing` is what `receive_aarq` and `receive_proof` answer; `incidents` what a client did and
    should not have done, until the caller clears them.
    """

    __slots__ = (
        "_asked",
        "_passes",
        "incidents",
        "negotiated",
        "outgoing",
        "parameters",
        "path",
        "security",
        "state",
    )

    def __init__(self, parameters: ServerParameters) -> None:
        self.parameters = parameters
        self.incidents: list[Incident] = []
        self.outgoing: tuple[bytes, ...] = ()
        self.state = AssociationState()
        self._reset()

    @property
    def is_open(self) -> bool:
        """Whether the client may ask for something."""
        return self.state.state in OPEN

    @property
    def asked(self) -> bool:
        """Whether somebody waits for the AARE."""
        return self._asked is not None

    def abort(self) -> None:
        """Back to idle; a pre-established association stands again."""
        self.state.local(Event.ABORT)
        self._reset()

    def _reset(self) -> None:
        """Nothing is agreed, but what was so before any AARQ."""
        offered = self.parameters
        self._asked: Asked | None = None
        self._passes: Passes | None = None
        self.negotiated = NOTHING
        self.security: SecurityContext | None = None
        if offered.pre_established:
            self.security = None if offered.security is None else offered.security.fresh()
            self.state.local(Event.ESTABLISHED)
        self.path = ApduPath(self.security if offered.ciphered else None, is_client=False)
        if offered.pre_established:
            self._agreed(agreed(offered.conformance, usable_pdu(offered.max_pdu)))

    def _agreed(self, negotiated: Negotiated) -> None:
        self.negotiated = negotiated
        self.path.agree(negotiated, self.parameters.max_request_octets)

    def report(self, error: SecurityError) -> None:
        """Keep the incident that an error is."""
        self._report(incident_of(error))

    def _report(self, incident: Incident) -> None:
        if len(self.incidents) < INCIDENTS_MAX:
            self.incidents.append(incident)

    # COSEM-OPEN

    def receive_aarq(self, octets: bytes) -> AssociateIndication | None:
        """Who asks for the association; None when the protocol itself refuses him."""
        offered = self.parameters
        security = None if offered.security is None else offered.security.fresh()
        if offered.pre_established:
            self._refuse(Refusal(UserDiagnostic.NO_REASON_GIVEN))
            return None
        try:
            aarq = apdus.decode(octets)
            if not isinstance(aarq, Aarq):
                raise DecodeError("no AARQ")
            asked = read_aarq(aarq, offered, security)
        except SecurityError as error:
            self._refuse_insecure(error)
            return None
        except DecodeError:
            self._refuse(Refusal(UserDiagnostic.NO_REASON_GIVEN))
            return None
        if isinstance(asked, Refusal):
            self._report_refusal(asked)
            self._refuse(asked)
            return None
        self.abort()
        self.state.remote(Event.AARQ)
        self.security = security
        self.path = ApduPath(security if offered.ciphered else None, is_client=False)
        self._asked = asked
        return asked.indication

    def _refuse(self, refusal: Refusal) -> None:
        """Answer an AARQ. It ends what stood before, unless anybody could have forged it."""
        offered = self.parameters
        if not (self.is_open and (offered.ciphered or offered.pre_established)):
            self.abort()
        self.outgoing = (write_refusal(refusal, offered),)

    def _refuse_insecure(self, error: SecurityError) -> None:
        self._report(incident_of(error, UserDiagnostic.NO_REASON_GIVEN))
        self._refuse(Refusal(UserDiagnostic.NO_REASON_GIVEN, DECIPHERING))
        if error.fault is SecurityFault.REPLAY and error.expected_counter is not None:
            self.outgoing = (counter_error(error.expected_counter),)

    def _report_refusal(self, refusal: Refusal) -> None:
        diagnostic = refusal.diagnostic
        if diagnostic in _AUTHENTICATION_DIAGNOSTICS:
            kind, words = IncidentKind.AUTHENTICATION_FAILED, "an AARQ is refused"
            self._report(Incident(kind, words, diagnostic))
        elif (
            self.parameters.ciphered
            and diagnostic == UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED
        ):
            kind, words = IncidentKind.POLICY_VIOLATED, "an AARQ asks for a weaker context"
            self._report(Incident(kind, words, diagnostic, SecurityFault.POLICY))

    def respond(self, diagnostic: UserDiagnostic | None) -> tuple[bytes, ...]:
        """The AARE to who asked, by which the association is open, PENDING or refused."""
        asked, offered, security = self._asked, self.parameters, self.security
        if asked is None:
            raise LocalProtocolError("nobody asks for an association")
        self._asked = None
        if diagnostic is not None:
            return self._refused(diagnostic)
        wanted = asked.indication
        challenge = b""
        try:
            if wanted.mechanism > Mechanism.LOW:
                challenge = offered.challenge()
                check_challenge(wanted.mechanism, challenge)
                own_title = offered.own_title or b""
                self._passes = Passes(wanted.title or b"", own_title, asked.challenge, challenge)
            aare = write_aare(asked, offered, security, challenge)
        except SecurityError as error:
            self.report(error)
            return self._refused(UserDiagnostic.NO_REASON_GIVEN)
        self.state.local(Event.CHALLENGED if challenge else Event.ACCEPTED)
        self._agreed(agreed(wanted.conformance, usable_pdu(wanted.max_pdu)))
        if security is not None:
            security.dedicated_key = asked.dedicated_key
        return (aare,)

    def _refused(self, diagnostic: UserDiagnostic) -> tuple[bytes, ...]:
        self.state.local(Event.REFUSED)
        self._reset()
        return (write_refusal(Refusal(diagnostic), self.parameters),)

    # Passes 3 and 4

    def receive_proof(self, octets: bytes) -> None:
        """Pass 3: the client proves itself, or the association has ended.

        In small APDUs a proof comes in general blocks; until the last of them nothing is proved.
        """
        passes, path = self._passes, self.path
        refusal = b""
        try:
            before = self._last_counter(passes)
            taken = path.take(octets)
            if taken is None:
                self.outgoing = path.outgoing
                return
            self.check_protection(b"")  # the proof itself is what authenticates this ACTION
            request = apdus.decode(taken)
            proof = read_proof(request)
            envelope = path.envelope
            if envelope is not None and envelope.broadcast:
                raise SecurityError("a proof under the broadcast key", SecurityFault.POLICY)
            if passes is None or proof is None or not isinstance(request, ActionRequest):
                raise RemoteProtocolError("a request before the client has proved itself")
            denied = ActionOutcome(ActionResult.READ_WRITE_DENIED)
            refusal = ActionResponse(request.invoke, denied).encode()
            answer = self._answer_proof(passes, proof, request.invoke, before)
        except RemoteProtocolError as error:
            answer = self._disprove(error, refusal)
            self.state.remote(Event.REFUSED)
            self._reset()
        else:
            self._passes = None
            self.state.remote(Event.ACCEPTED)
        self.outgoing = self._fitting(answer)

    def _fitting(self, answer: bytes) -> tuple[bytes, ...]:
        """Pass 4 in general blocks if it is long; whole, for the client to judge, without them."""
        try:
            return self.path.cut(answer)
        except LocalProtocolError:
            return (answer,)

    def _disprove(self, error: RemoteProtocolError, refusal: bytes) -> bytes:
        """What a client hears that did not prove itself."""
        fault = error.fault if isinstance(error, SecurityError) else None
        diagnostic = UserDiagnostic.AUTHENTICATION_FAILURE
        kind = IncidentKind.AUTHENTICATION_FAILED
        self._report(Incident(kind, str(error), diagnostic, fault))
        try:
            return self.protect(refusal) if refusal else NOT_POSSIBLE
        except SecurityError:
            return NOT_POSSIBLE

    def _answer_proof(self, passes: Passes, proof: bytes, invoke: int, before: int | None) -> bytes:
        """Pass 4, once the client's proof has been verified; raises `SecurityError`."""
        offered, security = self.parameters, self.security
        mechanism = offered.mechanism or Mechanism.NONE
        last = None if self.path.envelope is None else before
        secret = offered.secret
        client, server = Prover.CLIENT, Prover.SERVER
        verify(mechanism, client, passes, proof, secret=secret, security=security, last=last)
        ours = prove(mechanism, server, passes, secret=secret, security=security)
        return self.protect(write_counter_proof(invoke, ours))

    def _last_counter(self, passes: Passes | None) -> int | None:
        """The client's last counter before the envelope of its proof comes."""
        if self.security is None or passes is None:
            return None
        key = KeyId.GLOBAL_UNICAST_ENCRYPTION
        return self.security.counters.last(key, passes.client_title)

    # COSEM-RELEASE

    def receive_rlrq(self, rlrq: Rlrq) -> bytes | None:
        """Take a release, or give the answer that refuses it.

        In a ciphered association it must prove that it is the client's; raises `SecurityError`,
        `DecodeError` if it does not.
        """
        security = self.path.security
        if self.parameters.pre_established:
            return NOT_POSSIBLE
        if security is not None:
            information = rlrq.user_information or b""
            self.path.envelope = unprotect_initiate(information, security, self.parameters.required)
        self.state.remote(Event.RLRQ)
        return None

    def respond_release(self) -> tuple[bytes, ...]:
        """The RLRE; the association is over."""
        self.state.local(Event.RLRE)
        envelope, proof = self.path.envelope, None
        if envelope is not None:
            known = AssociateIndication(Mechanism.NONE, self.negotiated.conformance, 0)
            asked = Asked(known, b"", None, envelope)
            try:
                proof = write_initiate_response(asked, self.parameters, self.security)
            except SecurityError as error:
                self.report(error)
        self._reset()
        return (Rlre(user_information=proof).encode(),)

    # Protection

    def check_protection(self, taken: bytes) -> None:
        """Refuse what is protected less than the policy, and the service of an APDU, demand."""
        envelope = self.path.envelope
        if envelope is None:
            return
        applied, required = envelope.protection, self.parameters.required
        if applied == _BOTH and required <= _BOTH:
            return
        if required & ~applied:
            raise SecurityError(
                f"{applied.words} where the policy demands {required.words}", SecurityFault.POLICY
            )
        if taken and taken[0] in _CHANGING:
            self.check_authenticated()

    def check_authenticated(self) -> None:
        """Refuse what would change something, and is encrypted only."""
        envelope = self.path.envelope
        if envelope is not None and not envelope.protection & Protection.AUTHENTICATION:
            raise SecurityError("a SET or ACTION that is encrypted only", SecurityFault.POLICY)

    def settle(self) -> None:
        """Make the accepted counters durable: nothing that changes something is done twice."""
        security = self.path.security
        if security is not None:
            security.counters.settle()

    def protect(self, apdu: bytes, floor: Protection = Protection.NONE) -> bytes:
        """The answer in the envelope of its request, with `floor` at least."""
        path = self.path
        envelope = path.envelope
        least = self.parameters.required_in_responses
        if envelope is not None and floor != envelope.protection:
            least |= floor
        return path.answer(apdu, envelope, least)

    def notify(self, event: EventNotification) -> bytes:
        """What is told unasked, authenticated and encrypted at least in a ciphered association.

        Raises `LocalProtocolError` where no client that takes events is associated, or it is too
        long, `SecurityError` without a counter to send under.
        """
        if not self.is_open:
            raise LocalProtocolError("nobody is associated who could be told")
        if not self.negotiated.allows(Conformance.EVENT_NOTIFICATION):
            raise LocalProtocolError("the client did not agree on EventNotification")
        octets, security = event.encode(), self.path.security
        if security is not None:
            applied = AUTHENTICATED_ENCRYPTION | self.parameters.required_in_responses
            form = CipheringForm.GLOBAL
            if security.dedicated_key is not None:
                form = CipheringForm.DEDICATED
            elif applied & Protection.SIGNATURE or self.parameters.pre_established:
                form = CipheringForm.GENERAL_GLOBAL
            octets = security.protect(octets, applied, form)
        if len(octets) > self.negotiated.max_pdu:
            raise LocalProtocolError(f"an APDU of {len(octets)} octets is too long for the client")
        return octets
