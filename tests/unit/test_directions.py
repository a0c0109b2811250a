"""Vectors at unit length, and their middle."""

import numpy as np

from services.domain.directions import centroid, unit


def test_each_row_is_divided_by_its_length_and_a_row_of_zeros_stays_one() -> None:
    rows = unit(np.array([[3, 4], [0, -2], [0, 0]], np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, -1], [0, 0]], rtol=1e-6)
    assert rows.dtype == np.float32


def test_a_long_vector_pulls_the_middle_no_more_than_a_short_one() -> None:
    middle = centroid(np.array([[3, 4], [0, 100]], np.float32))
    np.testing.assert_allclose(middle, [0.3, 0.9], rtol=1e-6)
    assert middle.dtype == np.float32
