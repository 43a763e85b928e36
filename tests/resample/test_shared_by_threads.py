"""One sampler object that several threads use gives each its own rows."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

import rarebird.resample as rr

SAMPLERS = [
    rr.NearMiss(n_neighbors=NearestNeighbors(n_neighbors=3)),
    rr.SMOTEN(random_state=0),
    rr.SMOTE(random_state=0),
    rr.ADASYN(random_state=0),
    rr.BorderlineSMOTE(random_state=0, kind="borderline-2"),
    rr.SVMSMOTE(random_state=0),
    rr.KMeansSMOTE(random_state=0, kmeans_estimator=2, cluster_balance_threshold=0.0),
]


def hesitant(sampler):
    """Return the sampler with a pause after each fitted search that it stores."""

    def store(self, name, value):
        object.__setattr__(self, name, value)
        if name.startswith("nn_") or name.endswith("estimator_"):
            time.sleep(0.002)

    kind = type(sampler)
    return type(kind.__name__, (kind,), {"__setattr__": store})(**sampler.get_params(deep=False))


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: type(s).__name__)
def test_every_thread_gets_its_own_rows(sampler):
    y = np.repeat([0, 1, 2], [60, 24, 12])
    tables = [np.random.default_rng(i).normal(size=(96, 3)) + 0.5 * y[:, None] for i in range(8)]
    if isinstance(sampler, rr.SMOTEN):
        tables = [X.round().astype(int) for X in tables]
    known = [clone(sampler).fit_resample(X, y) for X in tables]
    shared = hesitant(sampler)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda X: shared.fit_resample(X, y), tables))
    for ours, alone in zip(found, known, strict=True):
        np.testing.assert_array_equal(ours[0], alone[0])
        np.testing.assert_array_equal(ours[1], alone[1])
