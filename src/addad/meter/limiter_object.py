"""The limiter as clients see it: the Blue Book's class 71, in watt and seconds.

It watches the mean active power import of each window of the instrument (1-0:1.24.0), and over the
threshold has script 1 of the disconnect control's table run, as a local disconnection.
"""

from __future__ import annotations

from typing import Final

from addad import obis
from addad.cosem.classes.control import Limiter as LimiterClass
from addad.cosem.classes.control import LimiterActions
from addad.cosem.classes.definitions import ScriptReference, ValueDefinition
from addad.cosem.classes.measurement import Register
from addad.cosem.cosem_object import CosemObject
from addad.dlms.results import DataAccessResult
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import AccessError, InputError
from addad.meter.device import Meter
from addad.meter.limiter import LimiterRules

MONITORED: Final = ValueDefinition(
    Register.class_id, obis.ACTIVE_POWER_IMPORT_MEAN, Register.value.index
)
DISCONNECT_SCRIPT: Final = 1
_NOTHING: Final = ScriptReference(obis.DISCONNECT_SCRIPTS, 0)
_CUT_OFF: Final = ScriptReference(obis.DISCONNECT_SCRIPTS, DISCONNECT_SCRIPT)


def limiter_object(meter: Meter) -> CosemObject:
    """The limiter: thresholds of the type of what is watched; 0 is no limit."""
    limiter = meter.supply.limiter

    def follow(rules: LimiterRules) -> None:
        try:
            meter.configure_limiter(rules)
        except InputError as problem:
            raise AccessError(DataAccessResult.OTHER_REASON, str(problem)) from None

    def actions() -> LimiterActions:
        return LimiterActions(_CUT_OFF if limiter.rules.cuts_off else _NOTHING, _NOTHING)

    def set_actions(wanted: LimiterActions) -> None:
        over, under = wanted
        if under.script_selector or over not in (_CUT_OFF, _NOTHING):
            raise AccessError(DataAccessResult.OTHER_REASON)
        follow(limiter.rules._replace(cuts_off=over == _CUT_OFF))

    active, normal, emergency = (
        attribute.typed(DoubleLongUnsigned)
        for attribute in (
            LimiterClass.threshold_active,
            LimiterClass.threshold_normal,
            LimiterClass.threshold_emergency,
        )
    )
    over, under = (
        LimiterClass.min_over_threshold_duration,
        LimiterClass.min_under_threshold_duration,
    )
    profile, groups = (
        LimiterClass.emergency_profile,
        LimiterClass.emergency_profile_group_id_list,
    )
    return CosemObject(
        LimiterClass,
        obis.LIMITER,
        LimiterClass.monitored_value.reads(lambda: MONITORED),
        active.reads(lambda: limiter.threshold_w),
        normal.reads(lambda: limiter.rules.normal_w),
        normal.writes(lambda value: follow(limiter.rules._replace(normal_w=value))),
        emergency.reads(lambda: limiter.rules.emergency_w),
        emergency.writes(lambda value: follow(limiter.rules._replace(emergency_w=value))),
        over.reads(lambda: limiter.rules.over_s),
        over.writes(lambda value: follow(limiter.rules._replace(over_s=value))),
        under.reads(lambda: limiter.rules.under_s),
        under.writes(lambda value: follow(limiter.rules._replace(under_s=value))),
        profile.reads(lambda: limiter.rules.emergency),
        profile.writes(lambda value: follow(limiter.rules._replace(emergency=value))),
        groups.reads(lambda: limiter.rules.groups),
        groups.writes(lambda value: follow(limiter.rules._replace(groups=value))),
        LimiterClass.emergency_profile_active.reads(lambda: limiter.emergency_active),
        LimiterClass.actions.reads(actions),
        LimiterClass.actions.writes(set_actions),
    )
