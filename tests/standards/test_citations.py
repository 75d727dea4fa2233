"""What a standard defines names it where it is calculated."""

import importlib

import pytest

METROLOGY = "addad.metrology"
DEFINED = {
    "IEEE 1459": (
        "quantities:window_means", "quantities:powers", "quantities:active_power",
        "quantities:reactive_power", "quantities:power_factor", "ieee1459:single_phase",
        "ieee1459:three_phase", "ieee1459:displacement_angle", "ieee1459:harmonic_power",
    ),
    "IEEE C57.110": ("ieee1459:k_factor",),
    "IEC 61000-4-7": (
        "harmonics:subgroups", "harmonics:total_harmonic_distortion", "interharmonics:groups",
        "interharmonics:smoothed",
    ),
    "IEC 61000-4-15": (
        "flicker:Flickermeter", "flicker:severity", "flicker:long_term", "lamp:Lamp",
        "lamp:lamp_sections",
    ),
    "IEC 61000-4-30": (
        "sequence:SequenceComponents.u2", "sequence:SequenceComponents.u0",
        "sequence:negative_sequence_of_lines", "power_quality.half_cycle:HalfCycleRms",
        "power_quality.events:VoltageEvents", "power_quality.rapid_change:RapidChanges",
        "power_quality.signalling:SignallingVoltage.rms", "power_quality.quantities:unbalance",
        "power_quality.quantities:values_of", "power_quality.aggregation:Aggregation",
        "power_quality.aggregation:Frequency",
    ),
    "IEC 62053": ("ieee1459:quadrant", "energy:count_energy", "pulses:PulseOutput"),
    "EN 50160": (
        "power_quality.en50160:frequency_requirements", "power_quality.en50160:judge",
        "power_quality.en50160:voltage_requirements", "power_quality.en50160:event_table",
        "power_quality.en50160:harmonic_limit", "power_quality.en50160:signalling_limit",
    ),
    "JCGM 100": (
        "uncertainty:uncertainties", "uncertainty_inputs:Uncertainty",
        "calibration_reference:calibrate_by_reference", "calibration_line:calibrate_from_line",
    ),
}  # fmt: skip


@pytest.mark.parametrize("document", DEFINED)
def test_what_a_document_defines_names_it(document: str) -> None:
    silent = []
    for place in DEFINED[document]:
        module, _, name = place.partition(":")
        found: object = importlib.import_module(f"{METROLOGY}.{module}")
        for part in name.split("."):
            found = getattr(found, part)
        if document not in (getattr(found, "__doc__", None) or ""):
            silent.append(place)
    assert silent == []
