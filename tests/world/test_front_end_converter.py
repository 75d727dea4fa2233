"""The converter's kernels on their own: order of channels, clipping, sums that cutting leaves."""

import numpy as np

from addad.world.front_end_converter import Converter, convert, filtered


def test_a_count_is_a_step_and_the_ends_are_not_alike() -> None:
    made = Converter(bits=16, full_scale=0.5)
    assert made.step * 2**15 == 0.5
    assert made.largest == 2**15 - 1
    counts = np.empty((3, 1), np.int32)
    convert(
        np.array([[0.4, 0.6, -0.6]]),
        np.zeros(3),
        np.zeros((3, 1)),
        (made.step, float(made.largest), 0.0),
        np.zeros((1, 3)),
        np.zeros((1, 4)),
        counts,
    )
    assert counts[:, 0].tolist() == [round(0.4 / made.step), made.largest, -made.largest - 1]


def test_the_taps_are_a_convolution_however_it_is_cut() -> None:
    rng = np.random.default_rng(1)
    x, taps = rng.standard_normal((2, 1503)), rng.standard_normal((2, 4))
    out = np.empty((2, 1500))
    filtered(x, taps, np.array([1.0, 2.0]), out)
    for c, gain in enumerate((1.0, 2.0)):
        np.testing.assert_allclose(out[c], gain * np.convolve(x[c], taps[c], "valid"), rtol=1e-9)
    parts = [np.empty((2, 700)), np.empty((2, 800))]
    filtered(x[:, :703], taps, np.array([1.0, 2.0]), parts[0])
    filtered(x[:, 700:], taps, np.array([1.0, 2.0]), parts[1])
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), out)
