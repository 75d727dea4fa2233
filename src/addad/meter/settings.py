"""What is fixed when a meter is commissioned: who it is, what it may, how it keeps.

The figures are the house's own choices; a comment names the rule where one was taken over.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from addad.cosem.classes.control import ControlMode
from addad.dlms.acse import Mechanism
from addad.errors import InputError
from addad.meter.associations import PASSWORDS, AssociationRow
from addad.meter.clock import Zone
from addad.meter.limiter import Reclosing
from addad.meter.object_model import ObjectModel
from addad.meter.push import is_destination
from addad.meter.relay import RelayLimits
from addad.meter.security import Provision
from addad.meter.transformers import TransformerRatios

DAYS_OF_LOAD_PROFILE: Final = 190


@dataclass(frozen=True, slots=True)
class Identity:
    """The name plate; the logical device name is three letters and the serial in 13 places."""

    serial: str = "00000001"
    maker: str = "ADD"
    firmware: str = "addad"

    def __post_init__(self) -> None:
        if len(self.maker) != 3 or not self.maker.isascii() or not self.maker.isupper():
            raise InputError(f"a maker has three capital letters, not {self.maker!r}")
        if not self.serial.isascii() or not self.serial.isalnum() or len(self.serial) > 13:
            raise InputError(f"a serial has up to 13 letters and digits, not {self.serial!r}")

    @property
    def logical_device_name(self) -> bytes:
        """The octets by which a head end knows the meter."""
        return f"{self.maker}{self.serial:0>13}".encode("ascii")


@dataclass(frozen=True, slots=True)
class Passwords:
    """Low-level secrets of the two associations that need one."""

    reader: bytes = field(repr=False)
    management: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.reader or not self.management:
            raise InputError("an empty password is none; set one for reader and for management")


@dataclass(frozen=True, slots=True)
class SupplySettings:
    """The relay and the contracted power at commissioning; both may be changed by a client later.

    In mode 6 a remote reconnection only makes ready, and a person at the meter closes: nobody is
    surprised by the return of the supply.
    """

    mode: ControlMode = ControlMode.MODE_6
    limits: RelayLimits = field(default_factory=RelayLimits)
    contracted_power_w: int = 0
    over_s: int = 30
    under_s: int = 10
    reclosing: Reclosing | None = field(default_factory=Reclosing)


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """How often is captured [s], and how many rows are kept."""

    period_s: int = 900
    load_rows: int = DAYS_OF_LOAD_PROFILE * 96
    daily_rows: int = 400
    billing_rows: int = 60
    log_rows: int = 1000


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Where alarms go at commissioning: `host:port`, or nowhere; and whether under keys."""

    destination: str = ""
    retries: int = 3
    delay_s: int = 5
    protected: bool = False

    def __post_init__(self) -> None:
        if self.destination and not is_destination(self.destination):
            raise InputError(f"{self.destination!r} is no host:port to push to")


@dataclass(frozen=True, slots=True)
class MeterSettings:
    """Everything a meter is made with. `starting_current` in ampere at the terminals: more than it
    is a load. `transformers` are those of a fresh meter, None one that is connected directly.

    `associations` with security setups take their keys from `security`.
    """

    passwords: Passwords
    associations: tuple[AssociationRow, ...] = PASSWORDS
    security: Provision = field(default_factory=Provision)
    identity: Identity = field(default_factory=Identity)
    zone: Zone = field(default_factory=Zone)
    supply: SupplySettings = field(default_factory=SupplySettings)
    profiles: ProfileSettings = field(default_factory=ProfileSettings)
    push: PushSettings = field(default_factory=PushSettings)
    model: ObjectModel = field(default_factory=ObjectModel)
    transformers: TransformerRatios | None = None
    clock_limit_s: int = 10
    starting_current: float = 0.02
    save_interval_s: float = 0.5

    @property
    def provision(self) -> Provision:
        """Keys and secrets, with the passwords among these by client SAP."""
        known = {2: self.passwords.reader, 1: self.passwords.management}
        asked = {row.client_sap for row in self.associations if row.mechanism is Mechanism.LOW}
        passwords = {sap: password for sap, password in known.items() if sap in asked}
        return replace(self.security, secrets={**passwords, **self.security.secrets})
