"""Attributes that gurux-dlms models: it reads our octets by name, and writes the same ones.

Each row sets an attribute of a Gurux object from our octets, looks at the fields that Gurux then
has under its own names, lets Gurux write the attribute, and reads that with our type.
"""

from typing import Any

import pytest

from addad.cosem.classes import CLASSES, security
from addad.cosem.interface_class import Attribute
from addad.errors import DecodeError
from foreign.cells import GURUX, SERVER, cell
from foreign.class_samples import DIFFERENT, SAME, UNWRITTEN, Difference, Sample
from foreign.gurux_objects import GuruxObject, gurux_for


def _name(sample: Sample) -> str:
    owner = sample.attribute.owner
    return f"{owner.class_id}v{owner.version}-{sample.attribute.name}"


@cell(GURUX, SERVER, services=("data types",), note="every attribute of every interface class")
@pytest.mark.parametrize("sample", SAME, ids=_name)
def test_gurux_reads_and_writes_what_we_write(sample: Sample) -> None:
    attribute = sample.attribute
    ours = attribute.type.encode(sample.value)
    gurux = gurux_for(attribute)
    gurux.set(attribute.index, ours)
    for path, expected in sample.fields.items():
        assert gurux.field(path) == expected, path
    theirs = gurux.get(attribute.index)
    assert theirs.hex() == ours.hex()
    assert attribute.type.decode(theirs) == sample.value


@pytest.mark.parametrize("different", DIFFERENT, ids=lambda d: _name(d.sample))
def test_where_gurux_differs(different: Difference) -> None:
    """Gurux reads ours, and what it writes in its place is what the table says."""
    sample = different.sample
    attribute: Attribute[Any] = sample.attribute
    gurux = gurux_for(attribute)
    gurux.set(attribute.index, attribute.type.encode(sample.value))
    for path, expected in sample.fields.items():
        assert gurux.field(path) == expected, path
    theirs = gurux.get(attribute.index)
    assert theirs == bytes.fromhex(different.theirs.replace(" ", ""))
    if different.read_as is None:
        with pytest.raises(DecodeError):
            attribute.type.decode(theirs)
    else:
        assert attribute.type.decode(theirs) == different.read_as


def test_every_attribute_of_a_modelled_class_is_looked_at() -> None:
    looked_at = {(s.attribute.owner, s.attribute.index) for s in SAME}
    looked_at |= {(d.sample.attribute.owner, d.sample.attribute.index) for d in DIFFERENT}
    missing = []
    for (class_id, version), known in CLASSES.items():
        try:
            modelled = GuruxObject(class_id, version).is_modelled
        except ValueError:
            modelled = False
        if not modelled:
            continue
        for index, attribute in known.attributes.items():
            if index != 1 and (known, index) not in looked_at and attribute not in UNWRITTEN:
                missing.append(repr(attribute))
    assert not missing


@pytest.mark.parametrize("version", [0, 1, 2])
def test_gurux_reads_an_operator_that_it_cannot_write(version: int) -> None:
    gurux = GuruxObject(47, version)
    gurux.set(2, CLASSES[47, version].attributes[2].type.encode("IAM"))
    assert gurux.field("operator") == "IAM"


@cell(GURUX, SERVER, services=("certificates",))
def test_gurux_reads_a_list_of_certificates() -> None:
    held = security.CertificateInfo(
        security.CertificateEntity.CLIENT,
        security.CertificateType.KEY_AGREEMENT,
        b"\x81",
        b"\x82",
        b"\x83",
        b"\x84",
    )
    gurux = GuruxObject(64, 1)
    gurux.set(6, security.SecuritySetup.certificates.type.encode((held,)))
    read = gurux.object.certificates[0]
    assert (read.entity, read.type_) == (1, 1)
    octets = (read.serialNumber, read.issuer, read.subject, read.subjectAltName)
    assert tuple(map(bytes, octets)) == (b"\x81", b"\x82", b"\x83", b"\x84")
