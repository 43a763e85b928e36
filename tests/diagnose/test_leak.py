"""assert_no_leak: what crosses a split is found by lineage or by value, and said."""

import imblearn.over_sampling
import imblearn.under_sampling
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.datasets import make_classification

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.diagnose.leak import assert_no_leak, find_leaks
from rarebird.resample import SMOTE, RandomOverSampler, RandomUnderSampler
from rarebird.resample.function_sampler import FunctionSampler

X, Y = make_classification(800, 5, n_informative=4, n_redundant=0, weights=[0.9], random_state=0)
NAMES = list("abcde")
HELD = np.random.default_rng(1).random(800) < 0.25
TRAIN, TEST = np.flatnonzero(~HELD), np.flatnonzero(HELD)

KINDS = {
    "array": lambda X: X,
    "list": lambda X: X.tolist(),
    "objects": lambda X: X.astype(object),
    "csr": sparse.csr_matrix,
    "pandas": lambda X: pd.DataFrame(X, columns=NAMES, index=np.arange(len(X))[::-1]),
    "polars": lambda X: pl.DataFrame(X, schema=NAMES),
    "arrow": lambda X: pa.table(dict(zip(NAMES, X.T, strict=True))),
}


def cut(X, y, seed=1):
    held = np.random.default_rng(seed).random(len(X)) < 0.25
    return np.flatnonzero(~held), np.flatnonzero(held)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_split_of_any_table_passes(kind):
    make = KINDS[kind]
    report = assert_no_leak((make(X[TRAIN]), Y[TRAIN]), make(X[TEST]))
    assert report.clean and report.n_test == len(TEST) == report.n_searched
    assert report.n_evident == 5
    assert report.describe() == f"No row of {len(TEST)} is shared or made from training rows."


@pytest.mark.parametrize("kind", KINDS)
def test_resampling_before_the_split_is_refused_for_any_table(kind):
    X_new, y_new = imblearn.over_sampling.SMOTE(random_state=0).fit_resample(X, Y)
    train, test = cut(X_new, y_new)
    make = KINDS[kind]
    with pytest.raises(DataError, match="in line with two near training rows") as error:
        assert_no_leak((make(X_new[train]), y_new[train]), (make(X_new[test]), y_new[test]))
    for words in ("Split first", "make_pipeline", "ResampledClassifier"):
        assert words in str(error.value)
    found = find_leaks(make(X_new[train]), make(X_new[test]))
    assert f"{len(found.in_line)} of {len(test)} test rows" in found.describe()
    assert str(found.in_line[0]) in found.describe()


def test_copies_are_refused_unless_they_are_natural():
    both = np.concatenate([X[TEST], X[TRAIN[:3]] * (1 + 1e-9)])
    with pytest.raises(DataError, match=rf"^assert_no_leak: 3 of {len(both)} test rows have") as e:
        assert_no_leak(X[TRAIN], both)
    assert "allow_copies=True" in str(e.value)
    assert assert_no_leak(X[TRAIN], both, allow_copies=True).copies.tolist() == [
        len(TEST) + i for i in range(3)
    ]
    assert assert_no_leak(X[TRAIN], both, digits=None).clean


def test_over_sampling_with_copies_before_the_split_is_found():
    X_new, y_new = RandomOverSampler(random_state=0).fit_resample(X, Y)
    train, test = cut(X_new, y_new)
    copies = find_leaks(X_new[train], X_new[test]).copies
    assert len(copies) > 50 and set(y_new[test][copies]) == {1}


def test_lineage_finds_what_values_do_not_show():
    sampler = RandomOverSampler(shrinkage=1.0, random_state=0)
    X_new, y_new = sampler.fit_resample(X, Y)
    train, test = cut(X_new, y_new)
    assert find_leaks(X_new[train], X_new[test]).clean  # noise: nothing to see
    rows = sampler.sample_indices_
    given = {"train_rows": rows[train], "test_rows": rows[test]}
    with pytest.raises(DataError, match="come from one original row"):
        assert_no_leak(X_new[train], X_new[test], **given)
    children = find_leaks(X_new[train], X_new[test], **given).children
    known = set(rows[train].tolist())
    assert children.tolist() == [i for i, row in enumerate(rows[test]) if row in known]


def test_lineage_of_several_parents():
    sampler = SMOTE(random_state=0)
    X_new, y_new = sampler.fit_resample(X, Y)
    train, test = cut(X_new, y_new)
    parents = sampler.parents_
    report = find_leaks(
        X_new[train], X_new[test], train_rows=parents[train], test_rows=parents[test]
    )
    known = set(parents[train].ravel().tolist()) - {-1}
    slow = [i for i, row in enumerate(parents[test].tolist()) if known & set(row)]
    assert report.children.tolist() == slow and report.n_searched == 0


def test_a_resampler_of_the_training_part_is_fine_and_one_of_the_whole_table_is_not():
    whole = SMOTE(random_state=0)
    X_new, y_new = whole.fit_resample(X, Y)
    with pytest.raises(DataError, match=f"{len(TEST)} of {len(TEST)} test rows and a training"):
        assert_no_leak((X_new, y_new), X[TEST], train_rows=whole, test_rows=TEST)
    part = SMOTE(random_state=0)
    X_new, y_new = part.fit_resample(X[TRAIN], Y[TRAIN])
    rows = {"train_rows": (part, TRAIN), "test_rows": TEST}
    assert assert_no_leak((X_new, y_new), (X[TEST], Y[TEST]), **rows).clean
    assert assert_no_leak((X_new, y_new), (X[TEST], Y[TEST])).clean  # and by value


@pytest.mark.parametrize(
    "sampler", [RandomUnderSampler(random_state=0), imblearn.under_sampling.NearMiss()]
)
def test_lineage_of_an_under_sampler_here_and_elsewhere(sampler):
    X_new, _ = sampler.fit_resample(X[TRAIN], Y[TRAIN])
    assert assert_no_leak(X_new, X[TEST], train_rows=(sampler, TRAIN), test_rows=TEST).clean
    leaking = find_leaks(X_new, X[TEST], train_rows=(sampler, TRAIN), test_rows=TRAIN[: len(TEST)])
    assert len(leaking.children)


def test_what_cannot_be_compared_is_refused_in_words():
    with pytest.raises(ParameterError, match="both or neither"):
        assert_no_leak(X[TRAIN], X[TEST], train_rows=TRAIN)
    with pytest.raises(DataError, match="5 columns in training and 4"):
        assert_no_leak(X[TRAIN], X[TEST, :4])
    with pytest.raises(DataError, match=r"test_rows has shape \(3, 1\)"):
        assert_no_leak(X[TRAIN], X[TEST], train_rows=TRAIN, test_rows=TEST[:3])
    function = FunctionSampler()
    function.fit_resample(X[TRAIN], Y[TRAIN])
    with pytest.raises(ParameterTypeError, match="FunctionSampler does not say"):
        assert_no_leak(X[TRAIN], X[TEST], train_rows=function, test_rows=TEST)
    with pytest.raises(DataError, match="given at least"):
        sampler = SMOTE(random_state=0)
        assert_no_leak(
            sampler.fit_resample(X, Y)[0], X[TEST], train_rows=(sampler, TRAIN), test_rows=TEST
        )


def test_tables_of_few_digits_say_that_interpolation_would_not_be_seen():
    table = {"text": np.array(["u", "v", "w", "x"] * 10), "n": np.arange(40)}
    frame = pd.DataFrame(table)
    report = assert_no_leak(frame[:30], frame[30:])
    assert "would not be seen" in report.describe()


def test_columns_match_by_place_where_a_side_has_no_names():
    frame = pd.DataFrame(X, columns=NAMES)
    bare = pd.DataFrame(X)  # numbered, not named
    for one, other in [(X, frame), (frame, X), (bare, frame), (bare, X), (X.tolist(), frame)]:
        assert len(find_leaks(one, other).copies) == len(X)
        with pytest.raises(DataError, match="800 of 800 test rows have the features"):
            assert_no_leak(one, other)
    made = SMOTE(random_state=0).fit_resample(X, Y)[0]
    train, test = cut(made, made)
    found = find_leaks(made[train], pd.DataFrame(made[test], columns=NAMES))
    assert found.in_line.tolist() == find_leaks(made[train], made[test]).in_line.tolist() != []


def test_columns_of_two_frames_match_by_name_and_other_names_are_refused():
    frame = pd.DataFrame(X, columns=NAMES)
    assert len(find_leaks(frame, pl.DataFrame(frame[NAMES[::-1]].to_dict("list"))).copies) == 800
    with pytest.raises(DataError, match="columns 'a' are in training only and 'z' in test only"):
        assert_no_leak(frame, frame.rename(columns={"a": "z"}))


def test_objects_that_are_numbers_of_any_type_are_compared_as_numbers():
    whole = np.arange(40).reshape(20, 2)
    objects = np.array([[np.int64(a), np.float64(b)] for a, b in whole.tolist()] + [[None, 1]])
    assert objects.dtype == object
    for one in (objects, np.array(objects, dtype=object)):
        assert find_leaks(one, whole).copies.tolist() == list(range(20))
        assert find_leaks(whole, one).copies.tolist() == list(range(20))


def test_labels_must_be_as_many_as_rows():
    with pytest.raises(DataError, match="train has 60 rows and 50 labels"):
        assert_no_leak((X[:60], Y[:50]), X[60:])
    with pytest.raises(DataError, match="test has 740 rows and 800 labels"):
        assert_no_leak((X[:60], Y[:60]), (X[60:], Y))
