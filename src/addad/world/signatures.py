"""How kinds of appliances draw current: amplitude and angle of the odd harmonics.

Sources marked PLAID are single cycles of submetered appliances measured for this table: PLAID,
Plug Load Appliance Identification Dataset, doi 10.6084/m9.figshare.10084619, CC BY 4.0 (120 V,
60 Hz, USA; mean of the records named, by their class number). Those marked "assumed" are round
numbers for converters which that collection has not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """Current harmonics: (order, percent of the fundamental, degrees).

    Angles are taken from the fundamental of the voltage as zero, with v = cos θ and
    i = Σ aₕ cos(hθ + φₕ); a negative angle of order 1 is a lagging current.
    """

    name: str
    source: str
    harmonics: tuple[tuple[int, float, float], ...]


# fmt: off
RECTIFIER_LAMP = Signature(
    "lamp on a bare rectifier, 4 W", "PLAID class 1, four records of one kind",
    ((1, 100.0, 39.0), (3, 86.3, 70.0), (5, 54.6, 119.0), (7, 29.4, -166.0), (9, 26.1, -81.0),
     (11, 22.1, -16.0), (13, 12.4, 49.0), (15, 8.4, 165.0), (17, 10.7, -110.0),
     (19, 10.0, -38.0), (21, 10.0, 51.0), (23, 10.2, 126.0), (25, 7.5, -164.0)),
)
ELECTRONICS = Signature(
    "rectifier with a longer pulse, 6 W", "PLAID class 1, four records of another kind",
    ((1, 100.0, 39.0), (3, 71.8, 85.0), (5, 35.3, 151.0), (7, 19.8, -100.0), (9, 18.0, -11.0),
     (11, 8.8, 79.0), (13, 8.3, -143.0), (15, 10.0, -67.0), (17, 6.6, 17.0), (19, 4.6, 117.0),
     (21, 2.9, -178.0)),
)
CHARGER = Signature(
    "charger, a short pulse at the crest of the voltage", "PLAID class 8, one record",
    ((1, 100.0, 20.0), (3, 102.6, 10.0), (5, 97.0, 14.0), (7, 89.4, 18.0), (9, 77.7, 23.0),
     (11, 67.5, 30.0), (13, 56.1, 37.0), (15, 45.3, 48.0), (17, 37.0, 62.0), (19, 28.6, 77.0),
     (21, 25.1, 93.0), (23, 22.1, 112.0), (25, 19.4, 123.0)),
)
INDUCTION_MOTOR = Signature(
    "single-phase induction motor, 290 W", "PLAID class 13, eleven records",
    ((1, 100.0, -28.0), (3, 6.5, -92.0), (5, 1.4, -18.0), (7, 1.7, -143.0), (9, 1.0, -140.0),
     (11, 0.9, -17.0), (13, 0.7, 109.0), (15, 0.3, 178.0)),
)
FAN_MOTOR = Signature(
    "fan motor, 50 W", "PLAID class 5, nine records",
    ((1, 100.0, -13.0), (3, 4.9, -69.0), (5, 1.7, -104.0), (7, 0.6, -125.0), (9, 0.3, 170.0)),
)
CAPACITOR_RUN_MOTOR = Signature(
    "motor of 600 W, little distortion", "PLAID class 10, six records above 500 W",
    ((1, 100.0, -20.0), (3, 4.6, -50.0), (5, 1.1, 26.0), (7, 0.9, -163.0)),
)
UNIVERSAL_MOTOR = Signature(
    "universal motor, 480 W", "PLAID class 11, seven records below 490 W",
    ((1, 100.0, -1.0), (3, 15.2, -18.0), (5, 2.8, -43.0), (7, 0.7, -112.0), (9, 1.0, -148.0),
     (11, 0.4, 167.0), (13, 0.5, 174.0)),
)
WOUND_LOAD = Signature(
    "large wound load, 1.7 kW", "PLAID class 11, five records above 1.5 kW",
    ((1, 100.0, -16.0), (3, 15.3, -40.0), (5, 5.7, 56.0), (7, 2.5, 133.0), (9, 1.0, 147.0),
     (11, 0.5, -78.0)),
)
COOLER_CONVERTER = Signature(
    "inverter-driven cooler, partly corrected rectifier and fans", "assumed",
    ((1, 100.0, -9.0), (3, 12.0, 150.0), (5, 7.0, -60.0), (7, 4.5, 95.0), (9, 2.5, -110.0),
     (11, 2.0, 40.0), (13, 1.5, 170.0)),
)
CORRECTED_CONVERTER = Signature(
    "power supply with power-factor correction", "assumed",
    ((1, 100.0, 7.0), (3, 8.0, -170.0), (5, 4.0, 20.0), (7, 3.0, -140.0), (9, 1.5, 60.0),
     (11, 1.2, -90.0)),
)
# fmt: on
