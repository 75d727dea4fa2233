"""An image, its blocks, and what it says of itself."""

from addad.cosem.classes.image import (
    ImageBlock,
    ImageToActivate,
    ImageTransfer,
    ImageTransferInitiate,
)


def test_initiate_and_a_block() -> None:
    initiate = ImageTransfer.image_transfer_initiate.parameter
    assert initiate.encode(ImageTransferInitiate(b"fw", 1000)) == bytes.fromhex(
        "0202 09026677 06000003e8".replace(" ", "")
    )
    block = ImageTransfer.image_block_transfer.parameter
    octets = bytes.fromhex("0202 0600000002 0903010203".replace(" ", ""))
    assert block.decode(octets) == ImageBlock(2, b"\x01\x02\x03")


def test_what_an_image_holds_is_an_array() -> None:
    kind = ImageTransfer.image_to_activate_info.type
    held = (ImageToActivate(1000, b"fw", b"\xaa"), ImageToActivate(20, b"x", b""))
    octets = bytes.fromhex("0102 0203 06000003e8 09026677 0901aa".replace(" ", ""))
    assert kind.encode(held).startswith(octets)
    assert kind.decode(kind.encode(held)) == held
    assert kind.decode(b"\x01\x00") == ()
