"""Beside imbalanced-learn on real tables: the rows that benchmarks/differential.py compares."""

import sys
from collections import Counter
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("imblearn")

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "differential.py"


def load():
    if not SCRIPT.is_file():
        pytest.skip(f"{SCRIPT} is not part of this copy")
    spec = spec_from_file_location("differential", SCRIPT)
    module = sys.modules["differential"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


differential = load()
EXPLAINED = set(differential.VERDICTS) - {"different"}
FAST = ("ecoli", "haberman", "shuttle-c2-vs-c4", "crx", "cleveland")
SLOW = (*FAST, "winequality_red", "german_credit", "cm1", "zenodo_oil", "segment0")


@pytest.fixture(scope="module")
def tables(rarebird_data):
    return {name: (frame, y) for name, frame, y in differential.read(rarebird_data, 2500)}


def comparisons(tables, names, sampler, seeds):
    for name in names:
        frame, y = tables[name]
        if len(y) > sampler.max_rows:
            continue
        for kind, X in differential.kinds(frame, sampler.table).items():
            for given in sampler.settings:
                for seed in seeds if sampler.seeded else [0]:
                    verdict, note = differential.compare(sampler, given, seed, X, y)
                    yield f"{name} {kind} {given} {seed}: {verdict} {note}", verdict


def check(tables, names, sampler, seeds):
    found = list(comparisons(tables, names, sampler, seeds))
    assert len(found) >= len(sampler.settings)
    assert not [said for said, verdict in found if verdict not in EXPLAINED]
    counts = Counter(verdict for _, verdict in found)
    return counts["identical"] / (counts.total() - counts["labels"] - counts["theirs fails"])


LONG = ("InstanceHardnessThreshold", "CondensedNearestNeighbour")  # seconds a call, theirs
QUICK = [s for s in differential.SAMPLERS if s.name not in LONG]


@pytest.mark.parametrize("sampler", QUICK, ids=lambda s: s.name)
def test_a_difference_on_a_small_real_table_is_explained(tables, sampler):
    assert check(tables, FAST, sampler, [0]) >= (0.5 if sampler.name in TIED else 0.9)


# Many neighbours are tied on these tables.
TIED = ("AllKNN", "RepeatedEditedNearestNeighbours", "NeighbourhoodCleaningRule", "SMOTENC")


@pytest.mark.slow
@pytest.mark.parametrize("sampler", differential.SAMPLERS, ids=lambda s: s.name)
def test_a_difference_on_a_real_table_is_explained(tables, sampler):
    check(tables, SLOW, sampler, [1, 2])


def outcomes(X, y, sampler, other):
    return (differential.outcome(one, X, y) for one in (sampler, other))


def table(n=80, d=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n - 20, 20])
    return rng.normal(size=(n, d)) + y[:, None], y


def test_the_comparison_sees_rows_order_labels_and_indices():
    X, y = table()
    ours, theirs = next(s for s in QUICK if s.name == "TomekLinks").pair({}, 0)
    one, two = outcomes(X, y, ours, theirs)
    assert differential.agreement(one, two) == "identical"
    for broken in (
        replace(one, X=one.X[::-1]),
        replace(one, X=one.X + 1e-9),
        replace(one, X=one.X.astype(np.float32)),
        replace(one, y=one.y.astype(float)),
        replace(one, indices=one.indices + 1),
        replace(one, error=ValueError()),
    ):
        assert differential.agreement(broken, two) == "different"
    assert differential.agreement(replace(one, X=np.nextafter(one.X, 9)), two) == "rounding"


def test_a_choice_that_is_no_tie_is_not_taken_for_one():
    X, y = table()
    theirs = next(s for s in QUICK if s.name == "SMOTE").pair({}, 0)[1]

    class Wrong(differential.Choices):
        def of(self, rows, queries, found, names):
            return found[:, [0, 2, 1, *range(3, found.shape[1])]]

    with differential.Ties(Wrong()) as ties:
        theirs.fit_resample(X, y)
    assert ties.moved and not ties.sound
    with differential.Ties("first") as ties:
        theirs.fit_resample(X, y)
    assert ties.sound and not ties.moved
