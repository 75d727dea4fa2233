"""Every ciphered message between a meter and its clients, opened by who has the keys of both ends.

Green Book, IEC 62056-5-3: the nonce of a message is its sender's title and its invocation counter,
so no counter is sent twice under a key, and none is accepted twice. Messages are deciphered by
`cryptography` alone: what is watched is not trusted to watch itself.
"""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from addad.dlms import apdu as apdus
from addad.dlms.acse import Aare, Aarq, Rlre, Rlrq
from addad.dlms.apdu.initiate import InitiateRequest
from addad.dlms.results import AssociationResult
from addad.dlms.security.framing import CipheringForm, form_of, read_ciphered
from addad.dlms.security.keys import SymmetricKeys
from addad.errors import RemoteProtocolError

TAG_OCTETS = 12
PROOF_OCTETS = 17
"""f(CtoS) of mechanism 5: security control, invocation counter and tag."""
ACTION_RESPONSE = 0xC7


class Seen(NamedTuple):
    """A ciphered message that was opened: under which key, by its digest, and with what counter."""

    key: str
    counter: int
    plain: bytes
    authentication: bytes


@dataclass
class Transmission:
    """One frame of a client on its way to the meter, and whether the meter took it."""

    client_sap: int
    apdu: bytes
    seen: Seen | None
    run: int
    replay: bool
    accepted: bool | None = None
    """None while no answer has come."""


def name_of(key: bytes) -> str:
    """What a key is called here."""
    return sha256(key).hexdigest()[:16]


def _opened(
    keys: SymmetricKeys, broadcast: bool, nonce: bytes, control: bytes, body: bytes
) -> tuple[bytes, bytes] | None:
    key = keys.broadcast if broadcast else keys.encryption
    if key is None or keys.authentication is None:
        return None
    mode = modes.GCM(nonce, body[-TAG_OCTETS:], min_tag_length=TAG_OCTETS)
    decryptor = Cipher(algorithms.AES(key), mode).decryptor()
    decryptor.authenticate_additional_data(control + keys.authentication)
    try:
        return key, decryptor.update(body[:-TAG_OCTETS]) + decryptor.finalize()
    except InvalidTag:
        return None


@dataclass
class CounterLedger:
    """All counters of one meter and its clients, over all its lives."""

    meter_title: bytes
    run: int = 0
    keys: list[SymmetricKeys] = field(default_factory=list)
    """All that were ever in use, the newest last."""
    sent: dict[tuple[str, int], str] = field(default_factory=dict)
    """Of the meter: where each counter of a key was seen."""
    taken: dict[tuple[str, int], str] = field(default_factory=dict)
    """Of the clients: the frame by which each counter of a key was accepted."""
    records: list[Transmission] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def wrong(self, text: str) -> None:
        """Note a violation."""
        self.violations.append(f"run {self.run}: {text}")

    def learn(self, keys: SymmetricKeys) -> None:
        """These keys may be in use from now on."""
        self.keys.append(keys)

    def opened(self, octets: bytes, title: bytes) -> Seen | None:
        """A message of the party with this title, under whichever key it is."""
        message = read_ciphered(octets)
        nonce = (message.title or title) + message.counter
        for keys in reversed(self.keys):
            found = _opened(
                keys, message.control.broadcast, nonce, message.control_octet, message.body
            )
            if found is not None:
                key, plain = found
                number = int.from_bytes(message.counter, "big")
                return Seen(name_of(key), number, plain, keys.authentication or b"")
        return None

    def note_sent(self, key: str, counter: int, where: str) -> None:
        """The meter has used a counter."""
        self.counts["counters of the meter"] += 1
        place = f"run {self.run}, {where}"
        if (key, counter) in self.sent:
            before = self.sent[key, counter]
            self.wrong(f"counter {counter} under {key} sent in {place} and before in {before}")
        self.sent[key, counter] = place

    def note_taken(self, sent: Transmission) -> None:
        """The meter has accepted a client's counter."""
        assert sent.seen is not None
        place = f"run {sent.run}{', a replay' if sent.replay else ''}"
        name = sent.seen.key, sent.seen.counter
        if name in self.taken:
            self.wrong(
                f"counter {name[1]} of client {sent.client_sap} under {name[0]} accepted in "
                f"{place} and before in {self.taken[name]}"
            )
        self.taken[name] = place


class Talk:
    """One connection as the ledger hears it: each frame of the client, each answer."""

    def __init__(self, ledger: CounterLedger, titles: dict[int, bytes]) -> None:
        """`titles` are the clients' system titles by SAP."""
        self._ledger = ledger
        self._titles = titles
        self._waiting: dict[int, Transmission] = {}
        self._global_key: dict[int, str] = {}

    def client_said(self, client_sap: int, apdu: bytes, *, replay: bool = False) -> Transmission:
        """A frame leaves a client."""
        ledger = self._ledger
        octets = ciphered_part(apdu)
        seen = None
        if octets is not None:
            seen = ledger.opened(octets, self._titles[client_sap])
            ledger.counts["ciphered frames of clients"] += 1
        if seen is not None and not replay and apdu[0] == Aarq.TAG:
            self._learn_dedicated(seen)
        sent = Transmission(client_sap, apdu, seen, ledger.run, replay)
        ledger.records.append(sent)
        if replay:
            ledger.counts["replays"] += 1
        self._waiting[client_sap] = sent
        return sent

    def _learn_dedicated(self, seen: Seen) -> None:
        initiate = apdus.decode(seen.plain)
        if isinstance(initiate, InitiateRequest) and initiate.dedicated_key is not None:
            self._ledger.learn(SymmetricKeys(initiate.dedicated_key, seen.authentication))

    def meter_said(self, client_sap: int, apdu: bytes) -> None:
        """An answer, or a push, has left the meter."""
        ledger = self._ledger
        ledger.counts["frames of the meter"] += 1
        octets = ciphered_part(apdu)
        seen = None
        if octets is not None:
            seen = ledger.opened(octets, ledger.meter_title)
            if seen is None:
                ledger.wrong(f"a message of the meter opens under no key: {apdu[:12].hex()}")
            else:
                self._note(client_sap, apdu, seen)
        waiting = self._waiting.pop(client_sap, None)
        if waiting is None:
            return
        waiting.accepted = accepts(apdu)
        if waiting.replay:
            ledger.counts["replays accepted" if waiting.accepted else "replays refused"] += 1
        if waiting.accepted and waiting.seen is not None:
            ledger.note_taken(waiting)

    def _note(self, client_sap: int, apdu: bytes, seen: Seen) -> None:
        self._ledger.note_sent(seen.key, seen.counter, f"{apdu[0]:02X}")
        if apdu[0] == Aare.TAG:
            self._global_key[client_sap] = seen.key
        counter = proof_counter(seen.plain)
        if counter is not None:
            key = self._global_key.get(client_sap, seen.key)
            self._ledger.note_sent(key, counter, "f(CtoS)")


def ciphered_part(apdu: bytes) -> bytes | None:
    """What of an APDU is ciphered; None for nothing."""
    if apdu[0] in (Aarq.TAG, Aare.TAG, Rlrq.TAG, Rlre.TAG):
        decoded = apdus.decode(apdu)
        assert isinstance(decoded, Aarq | Aare | Rlrq | Rlre)
        information = decoded.user_information
        if information is None or form_of(information) is None:
            return None
        return information
    form = form_of(apdu)
    return None if form in (None, CipheringForm.GENERAL_SIGNING) else apdu


def accepts(answer: bytes) -> bool:
    """Whether an answer shows that its request was taken: it opens something, or is ciphered."""
    try:
        if answer[0] == Aare.TAG:
            aare = apdus.decode(answer)
            return isinstance(aare, Aare) and aare.result == AssociationResult.ACCEPTED
    except RemoteProtocolError:
        return False
    return answer[0] == Rlre.TAG or form_of(answer) is not None


def proof_counter(plain: bytes) -> int | None:
    """The counter inside a server's proof of mechanism 5; None where there is no proof."""
    size = PROOF_OCTETS + 2
    if plain[0] != ACTION_RESPONSE or plain[-size : -size + 2] != bytes((0x09, PROOF_OCTETS)):
        return None
    return int.from_bytes(plain[-PROOF_OCTETS + 1 :][:4], "big")
