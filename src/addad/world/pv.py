"""Panels on the roof: the sun of a day from pvlib, and clouds drawn from a seed.

A day is computed once on a one-minute grid and interpolated; it begins and ends in the night.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.habits import DAY_S, day_of_year, summer

MINUTES = 1_440
# soiling, mismatch, wiring
LOSSES = 0.09
TEMPERATURE_COEFFICIENT = -0.0035
_DAYS_KEPT = 4


def _library(name: str) -> ModuleType:
    _require(name)
    return importlib.import_module(name)


def _require(name: str) -> None:
    """Raise InputError unless the library is installed; does not load it."""
    if find_spec(name) is None:
        raise InputError(
            f"the solar panels of the site need {name}, which is not installed: "
            "pip install 'addad[site]', or ask for a site without panels (pv_peak_w=0)"
        )


@dataclass(frozen=True, slots=True)
class Roof:
    """Where the panels are; the default is a roof in Fez that looks south."""

    latitude: float = 34.03
    longitude: float = -5.00
    altitude: float = 410.0
    tilt: float = 28.0
    azimuth: float = 175.0


class SolarDay(NamedTuple):
    """What a day's sun is computed from: `day` is a UTC day counted since 1970."""

    seed: int
    peak_w: float
    roof: Roof
    day: int


def solar_day(wanted: SolarDay) -> NDArray[np.float64]:
    """Direct-current power at each minute (1441,) of a day [W].

    This alone needs pvlib, a large library: a host that counts its memory may call it in another
    process. Raises InputError when the extra `addad[site]` is not installed.
    """
    pvlib, pandas = _library("pvlib"), _library("pandas")
    roof = wanted.roof
    start = pandas.Timestamp(wanted.day * DAY_S, unit="s", tz="UTC")
    times = pandas.date_range(start, periods=MINUTES + 1, freq="1min")
    place = pvlib.location.Location(roof.latitude, roof.longitude, "UTC", roof.altitude)
    sun = place.get_solarposition(times)
    clear = place.get_clearsky(
        times, model="simplified_solis", solar_position=sun, aod700=0.12, precipitable_water=1.6
    )
    plane = pvlib.irradiance.get_total_irradiance(
        roof.tilt, roof.azimuth, sun["apparent_zenith"], sun["azimuth"],
        clear["dni"], clear["ghi"], clear["dhi"], albedo=0.22,
    )  # fmt: skip
    rng = np.random.default_rng([wanted.seed, 4, wanted.day])
    yearday = day_of_year(wanted.day)
    beam, diffuse = sky(rng, yearday)
    irradiance = (
        beam * plane["poa_direct"].fillna(0.0).to_numpy()
        + diffuse * plane["poa_diffuse"].fillna(0.0).to_numpy()
    )
    cell = pvlib.temperature.faiman(irradiance, _air_temperature(rng, yearday), 2.0)
    power = pvlib.pvsystem.pvwatts_dc(irradiance, cell, wanted.peak_w, TEMPERATURE_COEFFICIENT)
    return np.asarray(np.maximum(power, 0.0) * (1.0 - LOSSES), dtype=np.float64)


class SolarArray:
    """Panels of `peak_w` [W] at standard test conditions; power is a function of absolute time.

    `compute` is asked once for each day. Raises InputError at once when neither another `compute`
    is given nor the extra `addad[site]` is installed.
    """

    def __init__(
        self,
        seed: int,
        peak_w: float,
        roof: Roof | None = None,
        compute: Callable[[SolarDay], NDArray[np.float64]] = solar_day,
    ) -> None:
        if compute is solar_day:
            _require("pvlib")
            _require("pandas")
        self._wanted = SolarDay(seed, peak_w, roof or Roof(), 0)
        self._compute = compute
        self._days: dict[int, NDArray[np.float64]] = {}

    def power(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Direct-current power (n,) at `time` (n,) [s since 1970 UTC], within one UTC day [W]."""
        day = int(time[0] // DAY_S)
        minute = (time - day * DAY_S) / 60.0
        return np.interp(minute, np.arange(MINUTES + 1), self.day(day))

    def day(self, day: int) -> NDArray[np.float64]:
        """Power at each minute (1441,) of a UTC day, counted since 1970 [W]."""
        if day not in self._days:
            found = self._compute(self._wanted._replace(day=day))
            while len(self._days) >= _DAYS_KEPT:
                self._days.pop(next(iter(self._days)))
            self._days[day] = found
        return self._days[day]


def sky(rng: np.random.Generator, yearday: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares (1441,) of the clear sky's beam and diffuse light that clouds let through."""
    season = summer(yearday)
    chances = (0.40 + 0.35 * season, 0.38 - 0.18 * season, 0.22 - 0.17 * season)
    kind = int(rng.choice(3, p=chances))  # clear, broken, overcast
    through = np.full(MINUTES + 1, rng.uniform(0.95, 1.0))
    if kind == 2:
        through *= rng.uniform(0.10, 0.35)
    passages = int(rng.poisson((2.0, 45.0, 20.0)[kind]))
    for start in rng.uniform(0.0, MINUTES, passages):
        length = rng.uniform(2.0, 22.0)
        through[int(start) : int(start + length)] *= rng.uniform(0.2, 0.75)
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
    padded = np.pad(through, 2, mode="edge")
    beam = np.convolve(padded, kernel, mode="valid")
    diffuse = np.clip(0.45 + 0.75 * beam * (1.0 - beam) + 0.55 * beam, 0.0, 1.25)
    return beam, diffuse


def _air_temperature(rng: np.random.Generator, yearday: int) -> NDArray[np.float64]:
    """Air temperature (1441,) [°C], warmest in mid afternoon."""
    mean = 10.5 + 17.0 * summer(yearday) + rng.normal(0.0, 2.0)
    hour = np.arange(MINUTES + 1) / 60.0
    return np.asarray(mean + 7.0 * np.cos(2.0 * np.pi * (hour - 14.5) / 24.0))
