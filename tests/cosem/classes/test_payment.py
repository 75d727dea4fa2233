"""Accounts, credits, charges and tokens."""

from addad.cosem.classes import payment as p
from addad.cosem.classes.definitions import ValueDefinition
from addad.dlms.clock_time import DateTime
from addad.dlms.data import BitString
from addad.obis import Obis

CREDIT = Obis.parse("0-0:19.10.0")
CHARGE = Obis.parse("0-0:19.20.0")
ENERGY = Obis.parse("1-0:1.8.0")


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_an_account() -> None:
    mode = p.Account.account_mode_and_status.type
    assert mode.decode(octets("0202 1602 1602")) == (
        p.PaymentMode.PREPAYMENT,
        p.AccountStatus.ACTIVE,
    )
    link = p.CreditChargeConfiguration(CREDIT, CHARGE, BitString.of((1, 0, 0)))
    wire = octets("0101 0203 0906 0000130a00ff 0906 0000131400ff 0403 80")
    assert p.Account.credit_charge_configuration.type.encode((link,)) == wire
    assert p.Account.credit_charge_configuration.type.decode(wire) == (link,)
    share = (p.TokenGatewayConfiguration(CREDIT, 80),)
    wire = octets("0101 0202 0906 0000130a00ff 1150")
    assert p.Account.token_gateway_configuration.type.encode(share) == wire
    money = p.Currency("MAD", -2, p.CurrencyUnit.MONETARY)
    assert p.Account.currency.type.encode(money) == octets("0203 0c03 4d4144 0ffe 1602")


def test_what_a_unit_costs() -> None:
    price = p.UnitCharge(
        p.ChargePerUnitScaling(3, -2),
        ValueDefinition(3, ENERGY, 2),
        (p.ChargeTableElement(b"T1", 117),),
    )
    wire = octets(
        "0203 0202 0f03 0ffe 0203 120003 0906 0100010800ff 0f02 0101 0202 09025431 100075"
    )
    assert p.Charge.unit_charge_active.type.encode(price) == wire
    assert p.Charge.unit_charge_passive.type.decode(wire) == price
    update = p.Charge.update_unit_charge.parameter
    assert update.encode(price.charge_table) == octets("0101 0202 09025431 100075")


def test_times_in_both_forms() -> None:
    moment = DateTime(2026, 1, 1, 4, 12, 0, 0, 0, -60, 0)
    collected, period = p.Charge.last_collection_time.type, p.Credit.period.type
    assert collected.encode(moment) == b"\x19" + moment.encode()
    assert period.encode(moment) == b"\x09\x0c" + moment.encode()
    assert collected.decode(period.encode(moment)) == moment
    assert period.decode(collected.encode(moment)) == moment


def test_the_status_of_a_token() -> None:
    kind = p.TokenGateway.token_status.type
    status = p.TokenStatus(p.TokenStatusCode.VALIDATION_FAILURE, BitString.of((1, 1)))
    assert kind.encode(status) == octets("0202 1606 0402c0")
    assert kind.decode(kind.encode(status)) == status
