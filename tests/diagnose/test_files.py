"""Files with one known difference each."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency

from rarebird.diagnose import compare_files

N = 1000
RNG = np.random.default_rng(0)


def make(seed, share=0.1, **columns):
    rng = np.random.default_rng(seed)
    base = {"x": rng.normal(size=N), "c": rng.choice(["a", "b"], N)}
    return pl.DataFrame(base | columns | {"y": np.where(np.arange(N) < share * N, "yes", "no")})


def kinds(train, test):
    return [check.details["kind"] for check in compare_files(train, test, "y")]


def test_files_of_one_source_do_not_differ():
    assert kinds(make(0), make(1)) == []
    assert kinds(make(0), make(1).drop("y")) == []


@pytest.mark.parametrize(
    "test, kind, severity",
    [
        (make(1).drop("x"), "missing-columns", "danger"),
        (make(1, extra=np.arange(N) % 7), "extra-columns", "info"),
        (make(1).with_columns(x=pl.Series(RNG.choice(["u", "v"], N))), "types", "danger"),
        (make(1).with_columns(c=pl.Series(RNG.choice(["a", "new"], N))), "levels", "warning"),
        (make(1, share=0.3), "shares", "warning"),
    ],
    ids=["missing", "extra", "types", "levels", "shares"],
)
def test_each_difference_is_found_alone(test, kind, severity):
    found = compare_files(make(0), test, "y")
    assert [check.details["kind"] for check in found] == [kind]
    assert found[0].code == "RB015" and found[0].severity == severity


def test_the_p_value_is_scipys():
    found = compare_files(make(0), make(1, share=0.2), "y")[0]
    theirs = chi2_contingency([[900, 100], [800, 200]], correction=False).pvalue
    assert found.details["p_value"] == pytest.approx(theirs)


def test_new_and_absent_classes_are_named():
    test = make(1).with_columns(y=pl.lit("maybe"))
    found = compare_files(make(0), test, "y")
    assert [check.details["kind"] for check in found] == ["new-classes", "absent-classes", "shares"]
    assert "'maybe'" in found[0].message and "'yes'" in found[1].message


def test_whole_floats_are_the_same_labels_as_integers():
    train = pl.DataFrame({"x": [0.5, 1.5, 2.5], "y": [0, 1, 0]})
    test = pl.DataFrame({"x": [0.5, 1.5, 2.5], "y": [0.0, 1.0, None]})
    assert kinds(train, test) == []
