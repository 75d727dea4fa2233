"""Interface class for new firmware: Image transfer.

Blue Book: class 18 (version 0).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.types import (
    Array,
    BitStringType,
    Boolean,
    DoubleLongUnsigned,
    Enum,
    OctetString,
    Structure,
)


class ImageTransferStatus(IntEnum):
    """How far the transfer of an image has come."""

    NOT_INITIATED = 0
    INITIATED = 1
    VERIFICATION_INITIATED = 2
    VERIFICATION_SUCCESSFUL = 3
    VERIFICATION_FAILED = 4
    ACTIVATION_INITIATED = 5
    ACTIVATION_SUCCESSFUL = 6
    ACTIVATION_FAILED = 7


class ImageToActivate(NamedTuple):
    """One image of those that the transferred one holds; the size is in octets."""

    image_to_activate_size: int
    image_to_activate_identification: bytes
    image_to_activate_signature: bytes


ImageToActivateType: Final = Structure(
    ImageToActivate, DoubleLongUnsigned, OctetString(), OctetString()
)


class ImageTransferInitiate(NamedTuple):
    """Which image comes, and how many octets it has."""

    image_identifier: bytes
    image_size: int


class ImageBlock(NamedTuple):
    """A block of an image, numbered from 0."""

    image_block_number: int
    image_block_value: bytes


class ImageTransfer(InterfaceClass):
    """An image in blocks of `image_block_size` octets: transferred, verified, activated.

    `image_to_activate_info` is an array. Verification and activation may answer with
    `temporary-failure` while they run; `image_transfer_status` then tells how they end.
    """

    class_id, version = 18, 0

    image_block_size = Attribute(2, DoubleLongUnsigned)
    image_transferred_blocks_status = Attribute(3, BitStringType)
    image_first_not_transferred_block_number = Attribute(4, DoubleLongUnsigned)
    image_transfer_enabled = Attribute(5, Boolean)
    image_transfer_status = Attribute(6, Enum(ImageTransferStatus))
    image_to_activate_info = Attribute(7, Array(ImageToActivateType))
    image_transfer_initiate = Method(
        1, Structure(ImageTransferInitiate, OctetString(), DoubleLongUnsigned)
    )
    image_block_transfer = Method(2, Structure(ImageBlock, DoubleLongUnsigned, OctetString()))
    image_verify = Method(3)
    image_activate = Method(4)
