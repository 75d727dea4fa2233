"""All of power quality over a stretch of supply, with UTC's tenth minutes in it."""

import math

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import InstrumentSettings, WindowFlag
from addad.metrology.power_quality import (
    EventKind,
    IntervalKind,
    PowerQuality,
    PowerQualitySettings,
)

TENTH = 1_790_000_400.0
"""A tenth minute of UTC."""


def settings(rate, **more):
    return PowerQualitySettings(InstrumentSettings(rate, currents=3), **more)


def of(found, name):
    return [item for part in found for item in getattr(part, name)]


def test_ten_minutes_begin_with_utc_and_hold_all_windows_once(supply):
    rate = supply.rate
    found = supply().run(PowerQuality(settings(rate), TENTH - 7.3), 7.3 + 600 + 5.0)
    ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
    assert [round(i.start_utc_s - TENTH) for i in ten] == [-7, 0, 600]
    whole = ten[1]
    assert whole.coverage == 1.0
    assert not whole.flagged
    assert whole.windows == math.ceil(600 / (10 / 50.02))
    assert whole.start_utc_s == pytest.approx(TENTH, abs=1e-3)
    np.testing.assert_allclose(whole.values.u_rms, 230 * math.hypot(1, 0.04), rtol=1e-5)
    np.testing.assert_allclose(whole.values.i_rms[:3], 10 * math.hypot(1, 0.04), rtol=1e-5)
    np.testing.assert_allclose(whole.values.thd_u, 0.04, rtol=1e-3)
    np.testing.assert_allclose(whole.values.p, 2300 * (1 + 0.04**2), rtol=1e-5)
    assert whole.values.unbalance[0] < 1e-5
    assert whole.values.frequency == pytest.approx(50.02, abs=1e-5)
    assert np.all(whole.flicker < 0.05)
    assert ten[0].coverage < 0.05
    assert np.isnan(ten[0].flicker).all()
    windows = of(found, "windows")
    starts = [float(w.start_s[0]) for w in windows]
    assert any(abs(s - 7.3) < 1e-3 for s in starts)
    short = [i for i in of(found, "intervals") if i.kind is IntervalKind.SHORT]
    assert any(abs(i.start_utc_s - TENTH) < 2e-3 for i in short)
    assert all(i.windows == 15 for i in short[:-2])


def test_a_dip_flags_the_intervals_that_it_falls_into_and_keeps_its_waveform(supply):
    def level(t, k):
        return np.where((t > 100.0) & (t < 100.3) & (k == 1), 0.6, 1.0)

    found = supply(level=level).run(PowerQuality(settings(supply.rate), TENTH - 50.0), 130.0)
    _, ended = (e for e in of(found, "events") if e.kind is EventKind.DIP)
    assert ended.start_s == pytest.approx(100.0, abs=0.01)
    assert ended.voltage == pytest.approx(0.6 * 230 * math.hypot(1, 0.04), rel=1e-3)
    flagged = [i for i in of(found, "intervals") if i.flagged]
    short = [i for i in flagged if i.kind is IntervalKind.SHORT]
    assert len(short) == 1
    assert short[0].start_utc_s <= TENTH + 50.0 < short[0].start_utc_s + short[0].duration_s
    assert [i.start_utc_s for i in flagged if i.kind is IntervalKind.TEN_MINUTES] == [
        pytest.approx(TENTH, abs=1e-2)
    ]
    (kept,) = of(found, "waveforms")
    assert kept.event == ended
    assert kept.start_s == pytest.approx(99.9, abs=0.02)
    assert kept.samples.shape == (pytest.approx(0.5 * supply.rate, abs=60), 6)
    inside = kept.samples[300:700, 1]
    assert np.max(np.abs(inside)) < 0.7 * 340


def test_frequency_of_ten_seconds(supply):
    found = supply(frequency=49.87).run(PowerQuality(settings(supply.rate), TENTH - 4.0), 40.0)
    tens = of(found, "frequencies")
    assert [round(f.start_utc_s - TENTH) for f in tens] == [0, 10, 20]
    assert all(f.hertz == pytest.approx(49.87, abs=1e-5) for f in tens)


@pytest.mark.parametrize("hertz", [175.0, 183.3, 216.7, 317.0])
def test_mains_signalling_is_read_beside_the_harmonics(supply, hertz):
    wanted = settings(supply.rate, signalling_hz=hertz)
    found = supply(frequency=50.0, tone=(hertz, 3.5)).run(PowerQuality(wanted, TENTH), 8.0)
    short = of(found, "intervals")[0]
    np.testing.assert_allclose(short.values.u_signalling, 3.5, rtol=0.05)


def test_without_signalling_there_is_none(supply):
    found = supply().run(PowerQuality(settings(supply.rate), TENTH), 8.0)
    assert np.isnan(of(found, "intervals")[0].values.u_signalling).all()


def test_under_and_over_deviation_are_told_apart(supply):
    def level(t, k):
        return np.where(k == 0, 0.95, np.where(k == 1, 1.03, 1.0)) + 0 * t

    found = supply(level=level).run(PowerQuality(settings(supply.rate), TENTH), 8.0)
    values = of(found, "intervals")[0].values
    rms = math.hypot(1, 0.04)
    assert values.u_under[0] == pytest.approx(1 - 0.95 * rms, abs=1e-4)
    assert values.u_over[0] == pytest.approx(0.0, abs=1e-9)
    assert values.u_over[1] == pytest.approx(1.03 * rms - 1, abs=1e-4)
    assert values.u_under[1] == pytest.approx(0.0, abs=1e-9)
    assert values.unbalance[0] == pytest.approx(values.unbalance[1], rel=1e-3)
    assert values.unbalance[0] > 0.01


@pytest.mark.parametrize("block", [333, 2_000])
def test_the_cut_of_the_stream_changes_nothing(supply, block):
    def level(t, k):
        return np.where((t > 21.0) & (t < 21.2), 0.5, 1.0)

    def run(size):
        return supply(level=level).run(
            PowerQuality(settings(supply.rate), TENTH - 20.0), 30.0, size
        )

    one, other = run(60_000), run(block)
    for name in ("events", "frequencies"):
        assert of(one, name) == of(other, name)
    for a, b in zip(of(one, "intervals"), of(other, "intervals"), strict=True):
        assert (a.kind, a.start_utc_s, a.windows, a.flagged) == (
            b.kind,
            b.start_utc_s,
            b.windows,
            b.flagged,
        )
        assert np.array_equal(a.values.u_harmonics, b.values.u_harmonics, equal_nan=True)


def test_a_gap_ends_what_is_under_way_and_the_stream_goes_on(supply):
    source, analyser = supply(), PowerQuality(settings(supply.rate), TENTH)
    first = analyser.process(source.block(0, 20_000))
    gap = analyser.gap(10_000)
    later = [analyser.process(source.block(30_000, 20_000)), analyser.flush()]
    flagged = [i for i in of([first, gap, *later], "intervals") if i.flagged]
    assert flagged
    last = of(later, "intervals")[-1]
    np.testing.assert_allclose(last.values.u_rms, 230 * math.hypot(1, 0.04), rtol=1e-4)


def test_a_clock_that_is_set_moves_the_tenth_minutes(supply):
    source, analyser = supply(), PowerQuality(settings(supply.rate), TENTH)
    analyser.process(source.block(0, 20_000))
    analyser.set_clock(TENTH + 595.0)
    found = [analyser.process(source.block(20_000, 20_000)), analyser.flush()]
    ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
    assert round(ten[-1].start_utc_s - TENTH) == 600


def test_a_block_of_the_wrong_shape_is_refused(supply):
    with pytest.raises(InputError, match="channels"):
        PowerQuality(settings(supply.rate), TENTH).process(np.zeros((10, 5), np.float32))


def test_a_clock_that_jumps_flags_its_interval_and_a_correction_does_not(supply):
    """Set back by five minutes, ten minutes have more windows than they may."""
    for step_s, flagged in ((-300.0, True), (300.0, True), (0.01, False)):
        rate = supply.rate
        analyser = PowerQuality(settings(rate), TENTH + 3.0)
        found = [analyser.process(supply().block(n, 4000)) for n in range(0, 40_000, 4000)]
        analyser.set_clock(TENTH + 23.0 + step_s)
        begin = range(40_000, 80_000, 4000)
        found += [analyser.process(supply().block(n, 4000)) for n in begin] + [analyser.flush()]
        windows = of(found, "windows")
        jumped = [w for w in windows if int(w.flags[0]) & WindowFlag.CLOCK_JUMP]
        assert len(jumped) == flagged
        ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
        assert any(i.flagged for i in ten) == flagged


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf, 1e18])
def test_a_time_that_is_none_is_refused(supply, time):
    with pytest.raises(InputError, match="since 1970"):
        PowerQuality(settings(supply.rate), time)
    with pytest.raises(InputError, match="since 1970"):
        PowerQuality(settings(supply.rate), TENTH).set_clock(time)


def test_samples_beyond_all_measure_leave_nothing_behind(supply, recwarn):
    rate = supply.rate
    clean = PowerQuality(settings(rate), TENTH)
    hurt = PowerQuality(settings(rate), TENTH)
    found = []
    for n in range(0, 120_000, 4000):
        block = supply().block(n, 4000).astype(np.float64)
        clean.process(block)
        if n == 80_000:
            block[1000:1003] = [[1e300], [-1e150], [1e30]]
        found.append(hurt.process(block))
    assert not recwarn.list
    swell = [e for e in of(found, "events") if e.voltage > 260.0]
    assert not swell
    last = of(found, "windows")[-5:]
    assert not any(int(w.flags[0]) for w in last)
    (a,), (b,) = (
        [i for i in m.flush().intervals if i.kind is IntervalKind.SHORT] for m in (clean, hurt)
    )
    np.testing.assert_allclose(a.values.u_rms, b.values.u_rms, rtol=1e-6)


@pytest.mark.parametrize("before", [1, 3, 6, 7, 30])
def test_a_stream_may_begin_just_before_a_tenth_minute(supply, before):
    """The first window begins some samples behind the first one, which edges need."""
    source, rate = supply(), supply.rate
    analyser = PowerQuality(settings(rate), TENTH - before / rate)
    found = [analyser.process(source.block(0, 4_000))]
    found.append(analyser.gap(100))
    analyser.set_clock(TENTH + 600.0 - before / rate)
    found += [analyser.process(source.block(4_100, 4_000)), analyser.flush()]
    ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
    starts = [round(i.start_utc_s - TENTH, 1) for i in ten]
    assert starts[0] == 0.0
    assert starts[-1] == 600.0


def test_a_clock_that_is_corrected_each_second_begins_one_window_at_the_tenth_minute(supply):
    rate, chance = int(supply.rate), np.random.default_rng(1)
    analyser = PowerQuality(settings(supply.rate), TENTH - 20.0)
    found = []
    for second in range(25):
        analyser.set_clock(TENTH - 20.0 + second + float(chance.normal(0.0, 0.01)))
        found.append(analyser.process(supply().block(second * rate, rate)))
    windows = of(found, "windows")
    assert sum(bool(int(w.flags[0]) & WindowFlag.OVERLAP) for w in windows) <= 1
    assert len(windows) == pytest.approx(25 * 5.002, abs=1.5)


@pytest.mark.parametrize("channels", [[0, 1, 2], [1]])
@pytest.mark.parametrize("count", [1, 100, 6_000])
def test_samples_that_are_no_numbers_are_no_dip(supply, channels, count):
    analyser = PowerQuality(settings(supply.rate), TENTH)
    samples = supply().block(0, 20_000)
    samples[np.ix_(range(5_000, 5_000 + count), channels)] = np.nan
    found = [analyser.process(samples[n : n + 900]) for n in range(0, 20_000, 900)]
    found.append(analyser.flush())
    assert not of(found, "events")
    assert any(int(w.flags[0]) & WindowFlag.NOT_FINITE for w in of(found, "windows"))
    assert any(i.flagged for i in of(found, "intervals"))
    values = np.concatenate([f.half_cycles.rms for f in found if f.half_cycles is not None])
    assert np.isnan(values[:, channels]).any()
    known = values[np.isfinite(values)] / (230 * math.hypot(1, 0.04))
    np.testing.assert_allclose(known, 1.0, rtol=0.02)


def test_a_dip_is_found_beside_a_voltage_that_is_absent_or_no_number(supply):
    def level(t, k):
        return np.where((t > 4.0) & (t < 4.2) & (k == 0), 0.5, 1.0)

    for absent, value in ((frozenset({"U2"}), 0.0), (frozenset(), np.nan)):
        instrument = InstrumentSettings(supply.rate, currents=3, absent=absent)
        analyser = PowerQuality(PowerQualitySettings(instrument), TENTH)
        samples = supply(level=level).block(0, 16_000)
        samples[:, 1] = value
        found = [analyser.process(samples), analyser.flush()]
        (dip,) = [event for event in of(found, "events") if event.over]
        assert dip.kind is EventKind.DIP
        assert dip.phases == (1,)
        assert dip.duration_s == pytest.approx(0.2, abs=0.01)


def test_a_spike_beyond_the_limit_is_no_swell_and_no_flicker_afterwards(supply):
    instrument = InstrumentSettings(supply.rate, currents=3, voltage_limit=500.0)
    analyser = PowerQuality(PowerQualitySettings(instrument), TENTH + 250.0)
    found, size = [], 10_000
    for n in range(0, 1_920_000, size):
        samples = supply().block(n, size)
        if n == 690_000:
            samples[500, :3] = 1e6
        found.append(analyser.process(samples))
    assert not of(found, "events")
    ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
    assert [i.flagged for i in ten] == [True, False]
    assert np.all(ten[0].flicker < 0.5)
    assert np.all(ten[1].flicker < 0.05)


def test_flicker_before_a_gap_belongs_to_its_own_ten_minutes(supply):
    source, analyser = supply(), PowerQuality(settings(supply.rate), TENTH)
    found = [analyser.process(source.block(n, 20_000)) for n in range(0, 720_000, 20_000)]
    found.append(analyser.gap(round(1_200 * supply.rate)))
    found += [analyser.process(source.block(3_120_000, 20_000)), analyser.flush()]
    ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
    assert [round(i.start_utc_s - TENTH) for i in ten] == [0, 1_560]
    assert np.all(ten[0].flicker < 0.05)
    assert np.isnan(ten[1].flicker).all()


def test_events_have_the_same_numbers_however_the_stream_is_cut(supply):
    """A rapid change is known a second behind its step, here as a dip begins."""

    def level(t, k):
        step = np.where(t > 3.0, 0.94, 1.0)
        return np.where((t > 4.045) & (t < 4.2) & (k == 1), 0.5, step)

    told = {}
    for block in (100, 333, 2_000, 60_000):
        events = of(
            supply(level=level).run(PowerQuality(settings(supply.rate), TENTH), 8.0, block),
            "events",
        )
        assert EventKind.RAPID_CHANGE in {event.kind for event in events}
        told[block] = [(e.number, e.kind, e.start_s, e.duration_s) for e in events]
    assert told[100] == told[333] == told[2_000] == told[60_000]


@pytest.mark.parametrize("gap", [2.5, math.nan, 1 << 62, "5", None])
def test_a_gap_that_is_no_number_of_samples_is_refused_and_the_stream_goes_on(supply, gap):
    source, analyser = supply(), PowerQuality(settings(supply.rate), TENTH)
    analyser.process(source.block(0, 2_000))
    with pytest.raises(InputError, match="whole number"):
        analyser.gap(gap)
    assert analyser.process(source.block(2_000, 4_000)).windows


@pytest.mark.parametrize("beyond_s", [0.0, 0.5])
def test_flicker_of_the_last_ten_minutes_outlives_the_end_of_a_record(supply, beyond_s):
    found = supply().run(PowerQuality(settings(supply.rate), TENTH), 600.0 + beyond_s)
    ten = [i for i in of(found, "intervals") if i.kind is IntervalKind.TEN_MINUTES]
    assert np.all(ten[0].flicker[:3] < 0.05)
    assert all(np.isnan(later.flicker).all() for later in ten[1:])
