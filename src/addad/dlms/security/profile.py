"""Where editions of the Green Book and stacks disagree: what this end does.

Green Book, IEC 62056-5-3 (key derivation, general-signing). Both ends of an association must hold
the same readings; nothing is guessed from what comes, so that no message has two readings.
"""

from __future__ import annotations

from typing import NamedTuple

from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.key_agreement import ALGORITHM_PREFIX


class SecurityProfile(NamedTuple):
    """The choices of one association; as they stand they are those of the later editions."""

    algorithm_prefix: bytes = ALGORITHM_PREFIX
    """What AlgorithmID begins with in the derivation of keys."""
    signs_content_length: bool = True
    """Whether general-signing signs the length of its content; two open stacks leave it out."""
    key_info: KeyInfoKind = KeyInfoKind.IDENTIFIED
    """Under which key this end sends in general-ciphering; an answer follows its request."""


STANDARD_PROFILE = SecurityProfile()
