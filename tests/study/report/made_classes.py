"""Made-up results of many classes."""

import numpy as np

from rarebird.study.class_outcome import many_class_results
from rarebird.study.outcome import TestSet


def decided(sizes, seed=4):
    """A test set with so many rows of each class, and its probabilities and codes."""
    rng, n = np.random.default_rng(seed), np.array(sizes)
    y = np.repeat(np.arange(len(n)), n)
    z = 1.1 * rng.normal(size=(len(y), len(n))) + 3.2 * np.eye(len(n))[y] + np.log(n / n.sum())
    proba = np.exp(z - z.max(axis=1, keepdims=True))
    proba /= proba.sum(axis=1, keepdims=True)
    return TestSet(y, proba, (proba * np.sqrt(n.sum() / n)).argmax(axis=1), 0)


def made_classes(labels, sizes):
    """What a report shows of many classes; the same rows stand for those out of fold."""
    test = decided(sizes)
    return many_class_results(test, labels, (test.proba, test.y, None))
