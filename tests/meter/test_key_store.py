"""SE-15: keys and secrets lie sealed in the memory, and change whole or not at all."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.security_material import KeptCertificate, named_keys
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.suite import SecuritySuite
from addad.errors import InputError, StorageError
from addad.meter.key_store import AREA, MAX_OCTETS, Chance, KeyRing, KeyStore, private_octets
from addad.meter.storage import VolatileMemory
from meter.key_bench import chance, key, material


def ring(store: KeyStore, name: str = "first") -> KeyRing:
    private = ec.derive_private_key(4711, ec.SECP256R1())
    setup = material(
        name,
        SecuritySuite.SUITE_1,
        private_keys={CertificateUse.SIGNATURE: private},
        certificates=(
            KeptCertificate(CertificateEntity.CLIENT, CertificateUse.AGREEMENT, b"certificate"),
        ),
    )
    wide = material("wide", SecuritySuite.SUITE_2, client_title=None)
    return store.new_ring("digest", {0: setup, 4: wide}, {1: "of the secret"}, {1: b"open sesame"})


def same(one: KeyRing, other: KeyRing) -> bool:
    """Whether two rings hold the same; private keys have no equality of their own."""
    plain = [
        {
            number: (
                replace(setup, private_keys={}),
                {name: private_octets(private) for name, private in setup.private_keys.items()},
            )
            for number, setup in kept.setups.items()
        }
        for kept in (one, other)
    ]
    return plain[0] == plain[1] and replace(one, setups={}) == replace(other, setups={})


def test_what_is_written_is_read_by_who_has_the_seal() -> None:
    memory = VolatileMemory()
    store = KeyStore(memory, chance())
    assert store.read() is None
    kept = ring(store)
    store.write(kept)
    again = KeyStore(memory, chance()).read()
    assert again is not None
    assert same(again, kept)


def test_se_15_no_secret_lies_in_plain_in_the_memory() -> None:
    memory = VolatileMemory()
    store = KeyStore(memory, chance())
    kept = ring(store)
    store.write(kept)
    stored = bytes(memory.areas[AREA])
    secrets = [b"open sesame", *(s.hex().encode() for s in (b"open sesame",))]
    for setup in kept.setups.values():
        for octets in named_keys(setup.keys).values():
            secrets += [octets, octets.hex().encode()]
        secrets += [private_octets(private)[-20:] for private in setup.private_keys.values()]
    assert len(secrets) > 10
    assert not [secret for secret in secrets if secret in stored]


def test_se_15_no_secret_is_shown() -> None:
    store = KeyStore(VolatileMemory(), chance())
    kept = ring(store)
    shown = repr(kept) + repr(kept.setups[0]) + repr(chance()) + str(kept.setups)
    for octets in named_keys(kept.setups[0].keys).values():
        assert octets.hex() not in shown
        assert repr(octets)[2:-1] not in shown
    assert "sesame" not in shown


def test_another_seal_or_any_flipped_octet_opens_nothing_and_says_the_cure() -> None:
    memory = VolatileMemory()
    store = KeyStore(memory, chance())
    store.write(ring(store))
    with pytest.raises(StorageError, match="--new-keys"):
        KeyStore(memory, chance(b"another")).read()
    for position in range(0, len(memory.areas[AREA]), 7):
        memory.areas[AREA][position] ^= 1
        with pytest.raises(StorageError):
            store.read()
        memory.areas[AREA][position] ^= 1
    del memory.areas[AREA][40:]
    with pytest.raises(StorageError, match="--new-keys"):
        store.read()


def test_keys_of_a_newer_version_are_left_alone() -> None:
    memory = VolatileMemory()
    store = KeyStore(memory, chance())
    store.write(ring(store))
    memory.areas[AREA][9] = 2
    with pytest.raises(StorageError, match="newer version"):
        store.read()


def test_se_15_a_cut_leaves_the_old_keys_or_the_new_ones(traced_memory, cuts) -> None:
    memory = traced_memory()
    store = KeyStore(memory, chance())
    first, second = ring(store, "first"), ring(store, "second")
    store.write(first)
    store.write(second)
    for calls in range(1, len(memory.calls) + 1):
        for remains in cuts(memory.calls[:calls]):
            found = KeyStore(remains, chance()).read()
            assert found is not None
            assert same(found, first if calls == 1 else second)


def test_a_memory_that_cannot_be_written_keeps_the_old_keys(traced_memory) -> None:
    memory = traced_memory(fails_at=1)
    store = KeyStore(memory, chance())
    first = ring(store)
    store.write(first)
    with pytest.raises(OSError, match="No space"):
        store.write(ring(store, "second"))
    found = store.read()
    assert found is not None
    assert same(found, first)


def test_too_many_octets_are_refused() -> None:
    store = KeyStore(VolatileMemory(), chance())
    kept = ring(store)
    with pytest.raises(StorageError, match="too many"):
        store.write(replace(kept, secrets={1: bytes(MAX_OCTETS)}))


def test_a_memory_that_cannot_be_read_says_so() -> None:
    class Unreadable(VolatileMemory):
        def read(self, area: str) -> bytes:
            raise PermissionError(13, "Permission denied")

    with pytest.raises(StorageError, match="Permission denied"):
        KeyStore(Unreadable(), chance()).read()


def test_a_fingerprint_belongs_to_a_key_and_to_one_meter() -> None:
    store = KeyStore(VolatileMemory(), chance())
    one, other = ring(store), ring(store)
    assert one.fingerprint(key("x")) == one.fingerprint(key("x"))
    assert one.fingerprint(key("x")) != one.fingerprint(key("y"))
    assert one.fingerprint(key("x")) != other.fingerprint(key("x"))


def test_the_seal_has_a_key_of_32_octets() -> None:
    with pytest.raises(InputError, match="32 octets"):
        Chance(b"short", bytes, ec.generate_private_key)
