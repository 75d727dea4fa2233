"""Interface classes for payment: Account, Credit, Charge, Token gateway.

Blue Book: classes 111, 112, 113 and 115 (version 0). Amounts are in the account's currency and
scale. The inner structures of 111 and 115, and the types of the methods of 111, 112 and 115, come
from one source.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.cosem.classes.choices import TaggedDateTime
from addad.cosem.classes.definitions import ValueDefinition, ValueDefinitionType
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.data import BitString
from addad.dlms.types import (
    Array,
    BitStringType,
    DateTimeOctets,
    DoubleLong,
    DoubleLongUnsigned,
    Enum,
    Integer,
    LogicalName,
    Long,
    LongUnsigned,
    OctetString,
    Structure,
    Unsigned,
    Utf8String,
)
from addad.obis import Obis


class PaymentMode(IntEnum):
    """Whether energy is paid for after or before."""

    CREDIT = 1
    PREPAYMENT = 2


class AccountStatus(IntEnum):
    """Whether the account counts."""

    NEW = 1
    ACTIVE = 2
    CLOSED = 3


class AccountModeAndStatus(NamedTuple):
    """How is paid, and whether the account counts."""

    payment_mode: PaymentMode
    account_status: AccountStatus


class CreditChargeConfiguration(NamedTuple):
    """Which charge is collected from which credit, and when."""

    credit_reference: Obis
    charge_reference: Obis
    collection_configuration: BitString


class TokenGatewayConfiguration(NamedTuple):
    """Which part of a token goes to a credit."""

    credit_reference: Obis
    token_proportion: int


class CurrencyUnit(IntEnum):
    """What amounts count."""

    TIME = 0
    CONSUMPTION = 1
    MONETARY = 2


class Currency(NamedTuple):
    """The name of a currency, the power of ten of an amount, and what it counts."""

    currency_name: str
    currency_scale: int
    currency_unit: CurrencyUnit


class Account(InterfaceClass):
    """The account of a service: its credits, its charges, and how they balance."""

    class_id, version = 111, 0

    account_mode_and_status = Attribute(
        2, Structure(AccountModeAndStatus, Enum(PaymentMode), Enum(AccountStatus))
    )
    current_credit_in_use = Attribute(3, Unsigned)
    current_credit_status = Attribute(4, BitStringType)
    available_credit = Attribute(5, DoubleLong)
    amount_to_clear = Attribute(6, DoubleLong)
    clearance_threshold = Attribute(7, DoubleLong)
    aggregated_debt = Attribute(8, DoubleLong)
    credit_reference_list = Attribute(9, Array(LogicalName))
    charge_reference_list = Attribute(10, Array(LogicalName))
    credit_charge_configuration = Attribute(
        11, Array(Structure(CreditChargeConfiguration, LogicalName, LogicalName, BitStringType))
    )
    token_gateway_configuration = Attribute(
        12, Array(Structure(TokenGatewayConfiguration, LogicalName, Unsigned))
    )
    account_activation_time = Attribute(13, DateTimeOctets)
    account_closure_time = Attribute(14, DateTimeOctets)
    currency = Attribute(15, Structure(Currency, Utf8String, Integer, Enum(CurrencyUnit)))
    low_credit_threshold = Attribute(16, DoubleLong)
    next_credit_available_threshold = Attribute(17, DoubleLong)
    max_provision = Attribute(18, LongUnsigned)
    max_provision_period = Attribute(19, DoubleLong)
    activate_account = Method(1)
    close_account = Method(2)
    reset_account = Method(3)


class CreditType(IntEnum):
    """Where a credit comes from."""

    TOKEN = 0
    RESERVED = 1
    EMERGENCY = 2
    TIME_BASED = 3
    CONSUMPTION_BASED = 4


class CreditStatus(IntEnum):
    """Whether a credit is there to be used."""

    ENABLED = 0
    SELECTABLE = 1
    SELECTED = 2
    IN_USE = 3
    EXHAUSTED = 4


class Credit(InterfaceClass):
    """One credit of an account.

    `period` is written as an octet-string; one source has a date-time under its own tag, which is
    read too.
    """

    class_id, version = 112, 0

    current_credit_amount = Attribute(2, DoubleLong)
    credit_type = Attribute(3, Enum(CreditType))
    priority = Attribute(4, Unsigned)
    warning_threshold = Attribute(5, DoubleLong)
    limit = Attribute(6, DoubleLong)
    credit_configuration = Attribute(7, BitStringType)
    credit_status = Attribute(8, Enum(CreditStatus))
    preset_credit_amount = Attribute(9, DoubleLong)
    credit_available_threshold = Attribute(10, DoubleLong)
    period = Attribute(11, DateTimeOctets)
    update_amount = Method(1, DoubleLong)
    set_amount_to_value = Method(2, DoubleLong)
    invoke_credit = Method(3)


class ChargeType(IntEnum):
    """By what a charge is collected."""

    CONSUMPTION_BASED = 0
    TIME_BASED = 1
    PAYMENT_EVENT_BASED = 2


class ChargePerUnitScaling(NamedTuple):
    """Powers of ten of the commodity and of the price."""

    commodity_scale: int
    price_scale: int


class ChargeTableElement(NamedTuple):
    """The price of a unit, for one tariff or step."""

    charge_index: bytes
    charge_per_unit: int


ChargeTableElementType: Final = Structure(ChargeTableElement, OctetString(), Long)


class UnitCharge(NamedTuple):
    """What a unit of a commodity costs."""

    charge_per_unit_scaling: ChargePerUnitScaling
    commodity_reference: ValueDefinition
    charge_table: tuple[ChargeTableElement, ...]


UnitChargeType: Final = Structure(
    UnitCharge,
    Structure(ChargePerUnitScaling, Integer, Integer),
    ValueDefinitionType,
    Array(ChargeTableElementType),
)


class Charge(InterfaceClass):
    """One charge of an account; `period` is in seconds.

    `last_collection_time` is a date-time under its own tag; one source has an octet-string, which
    is read too.
    """

    class_id, version = 113, 0

    total_amount_paid = Attribute(2, DoubleLong)
    charge_type = Attribute(3, Enum(ChargeType))
    priority = Attribute(4, Unsigned)
    unit_charge_active = Attribute(5, UnitChargeType)
    unit_charge_passive = Attribute(6, UnitChargeType)
    unit_charge_activation_time = Attribute(7, DateTimeOctets)
    period = Attribute(8, DoubleLongUnsigned)
    charge_configuration = Attribute(9, BitStringType)
    last_collection_time = Attribute(10, TaggedDateTime)
    last_collection_amount = Attribute(11, DoubleLong)
    total_amount_remaining = Attribute(12, DoubleLong)
    proportion = Attribute(13, LongUnsigned)
    update_unit_charge = Method(1, Array(ChargeTableElementType))
    activate_passive_unit_charge = Method(2)
    collect = Method(3)
    update_total_amount_remaining = Method(4, DoubleLong)
    set_total_amount_remaining = Method(5, DoubleLong)


class TokenDelivery(IntEnum):
    """How a token came."""

    REMOTE = 0
    LOCAL = 1
    MANUAL = 2


class TokenStatusCode(IntEnum):
    """How far a token came."""

    FORMAT_OK = 0
    AUTHENTICATION_OK = 1
    VALIDATION_OK = 2
    EXECUTION_OK = 3
    FORMAT_FAILURE = 4
    AUTHENTICATION_FAILURE = 5
    VALIDATION_FAILURE = 6
    EXECUTION_FAILURE = 7
    RECEIVED = 8


class TokenStatus(NamedTuple):
    """How far a token came, and bits that say more."""

    status_code: TokenStatusCode
    data_value: BitString


class TokenGateway(InterfaceClass):
    """Where tokens are entered, and what became of the last one."""

    class_id, version = 115, 0

    token = Attribute(2, OctetString())
    token_time = Attribute(3, DateTimeOctets)
    token_description = Attribute(4, Array(OctetString()))
    token_delivery_method = Attribute(5, Enum(TokenDelivery))
    token_status = Attribute(6, Structure(TokenStatus, Enum(TokenStatusCode), BitStringType))
    enter = Method(1, OctetString())
