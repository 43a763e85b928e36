"""What the test set says of many classes: confusions, calibration and a slider for each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rarebird.metrics.curves import calibration_bins

from .outcome import TestSet
from .report.class_content import ClassCalibration, ClassSlider, Confusion, ManyClasses
from .report.slider import make_slider

_DRAWN = 6  # classes with a calibration plot
_CHOICES = 12  # classes with a slider, each some 15 kB of the page
_COARSE = 0.05  # scores whose odds differ by less than 5% share an entry of a slider


def many_class_results(
    test: TestSet,
    classes: Sequence[Any],
    scores: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None = None,
) -> ManyClasses:
    """Return what the report shows of more than two classes, whose labels are ``classes``.

    ``scores`` are the decision's out-of-fold probabilities (m, C), codes (m,) and weights, for the
    sliders; there are none without.
    """
    labels = tuple(str(label) for label in classes)
    confusion = _confusion(test.y, test.predicted, labels)
    drawn = confusion.rarest[:_DRAWN]
    return ManyClasses(
        confusion,
        tuple(_calibration(test.y == c, test.proba[:, c], labels[c]) for c in drawn),
        () if scores is None else _sliders(*scores, labels),
    )


def _confusion(y: np.ndarray, predicted: np.ndarray, labels: tuple[str, ...]) -> Confusion:
    """Return the counts of true and predicted codes.

    >>> _confusion(np.array([0, 1, 1]), np.array([0, 0, 1]), ("a", "b")).counts
    ((1, 0), (1, 1))
    """
    size = len(labels)
    counts = np.bincount(y * size + predicted, minlength=size**2).reshape(size, size)
    return Confusion(labels, tuple(tuple(row) for row in counts.tolist()))


def _calibration(has: np.ndarray, p: np.ndarray, label: str) -> ClassCalibration:
    n = int(has.sum())
    n_bins = min(max(n // 5, 3), 8)  # about five rows of the class in each
    bins = calibration_bins(has.astype(int), np.clip(p, 0, 1), n_bins=n_bins, equal="expected")
    return ClassCalibration(label, n, tuple(bins))


def _sliders(
    proba: np.ndarray, y: np.ndarray, weight: np.ndarray | None, labels: tuple[str, ...]
) -> tuple[ClassSlider, ...]:
    rows = np.bincount(y, minlength=len(labels))
    shares = np.bincount(y, weight, len(labels))
    rarest = [code for code in np.argsort(rows, kind="stable").tolist() if rows[code]]
    found = []
    for code in rarest[:_CHOICES]:
        slider = make_slider(
            proba[:, code],
            y == code,
            weight,
            threshold=None,
            prior=float(shares[code] / shares.sum()),
            step=_COARSE,
        )
        if slider is not None:
            found.append(ClassSlider(labels[code], slider))
    return tuple(found)
