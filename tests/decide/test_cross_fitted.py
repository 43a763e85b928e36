import numpy as np
import pytest

from rarebird._errors import DataError
from rarebird.decide import BiasCorrectedTemperature, Identity, cross_fitted


def test_each_fold_is_calibrated_by_the_others():
    rng = np.random.default_rng(0)
    p, w = rng.random(300), rng.exponential(size=300)
    y, folds = (rng.random(300) < p**2).astype(int), rng.integers(0, 3, 300)
    out = cross_fitted(BiasCorrectedTemperature(), p, y, folds, w)
    for k in range(3):
        part = BiasCorrectedTemperature().fit(p[folds != k], y[folds != k], w[folds != k])
        np.testing.assert_array_equal(out[folds == k], part.transform(p[folds == k]))


def test_a_row_does_not_see_its_own_label():
    p, y, folds = np.linspace(0.1, 0.9, 40), np.arange(40) % 2, np.arange(40) % 4
    flipped = y.copy()
    flipped[folds == 0] = 1 - flipped[folds == 0]
    a, b = (cross_fitted(BiasCorrectedTemperature(), p, labels, folds) for labels in (y, flipped))
    np.testing.assert_array_equal(a[folds == 0], b[folds == 0])
    assert not np.array_equal(a[folds == 1], b[folds == 1])


def test_the_given_calibrator_stays_unfitted():
    calibrator = Identity()
    cross_fitted(calibrator, [0.1, 0.2], [0, 1], [0, 1])
    assert not hasattr(calibrator, "n_classes_")


@pytest.mark.parametrize("folds", [[0, 0, 0], [0, 1]])
def test_one_fold_or_missing_numbers_are_refused(folds):
    with pytest.raises(DataError, match="fold"):
        cross_fitted(Identity(), [0.1, 0.2, 0.3], [0, 1, 0], folds)
