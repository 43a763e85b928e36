"""Imports, errors, chance and optional packages."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
import sklearn.exceptions

import rarebird
from rarebird import _errors
from rarebird._errors import (
    DataError,
    MissingDependencyError,
    NotFittedError,
    ParameterTypeError,
    RarebirdError,
    class_names,
    format_label,
    suggest,
)
from rarebird._optional import available, need
from rarebird._random import as_rng, seed_of
from rarebird.resample import SMOTE


def modules_after(statement: str) -> set[str]:
    code = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(found.stdout))


def test_errors_load_nothing_and_one_of_them_is_made_when_asked_for():
    assert "sklearn" not in modules_after("from rarebird._errors import DataError")
    assert "sklearn" in modules_after("from rarebird._errors import NotFittedError")
    error = pickle.loads(pickle.dumps(NotFittedError("not yet")))
    assert type(error) is NotFittedError is _errors.NotFittedError and str(error) == "not yet"
    with pytest.raises(AttributeError, match="no attribute 'NoSuchError'"):
        _ = _errors.NoSuchError


HEAVY = {"sklearn", "polars", "torch", "lightgbm", "matplotlib", "pandas", "imblearn", "skops"}


@pytest.mark.parametrize("statement", ["import rarebird", "from rarebird import ClassCounts"])
def test_the_import_is_cheap(statement):
    assert not modules_after(statement) & (HEAVY | {"scipy"})


def test_the_parts_import_without_what_only_some_of_them_need():
    loaded = modules_after(
        "from rarebird.decide import CostRule; from rarebird.metrics import get_metric; "
        "from rarebird.ensemble import UnderBaggingClassifier"
    )
    assert "sklearn" in loaded
    assert not loaded & {"torch", "matplotlib", "imblearn", "lightgbm", "skops", "typer"}


def test_one_sampler_loads_no_other_part():
    loaded = modules_after("from rarebird.resample import SMOTE")
    parts = {name.split(".")[1] for name in loaded if name.startswith("rarebird.")}
    assert "resample" in parts
    assert not parts & {"diagnose", "metrics", "study", "decide", "ensemble", "data", "cli"}


def test_public_names_are_there_and_others_are_not():
    for name in rarebird.__all__:
        assert getattr(rarebird, name)
    assert set(rarebird.__all__) <= set(dir(rarebird))
    assert rarebird.metrics.get_metric("ap").name == "ap"
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = rarebird.nothing_of_the_kind


BUILT_IN = {
    "DataError": ValueError,
    "ParameterError": ValueError,
    "BudgetError": ValueError,
    "ParameterTypeError": TypeError,
    "NotFittedError": (ValueError, AttributeError, sklearn.exceptions.NotFittedError),
    "MissingDependencyError": ImportError,
    "StoreError": RuntimeError,
    "ModelFileError": RuntimeError,
}


def test_every_error_is_of_the_family_and_of_a_built_in_kind():
    family = {
        name
        for name, value in vars(_errors).items()
        if isinstance(value, type)
        and issubclass(value, RarebirdError)
        and value is not RarebirdError
    }
    assert family == set(BUILT_IN)
    for name, kinds in BUILT_IN.items():
        for kind in kinds if isinstance(kinds, tuple) else (kinds,):
            assert issubclass(getattr(_errors, name), kind)
    assert issubclass(NotFittedError, RarebirdError)


@pytest.mark.parametrize(
    ("got", "text"),
    [
        ("is_frued", " Did you mean 'is_fraud'?"),
        ("AMOUNT", " Did you mean 'amount'?"),
        ("zzzz", ""),
        (17, ""),
    ],
)
def test_near_names_are_suggested(got, text):
    assert suggest(got, ["is_fraud", "amount", 3]) == text


def test_several_near_names_are_all_suggested():
    assert suggest("colour", ["Color", "colours", "size"]) == " Did you mean 'colours' or 'Color'?"


def test_a_generator_comes_from_any_state():
    given = np.random.default_rng(0)
    assert as_rng(given) is given
    assert as_rng(3).random() == as_rng(np.int64(3)).random() == np.random.default_rng(3).random()
    old = [as_rng(np.random.RandomState(s)).random() for s in (5, 5, 6)]
    assert old[0] == old[1] != old[2]
    assert as_rng(None).random() != as_rng(None).random()
    with pytest.raises(ParameterTypeError, match="random_state='seven'"):
        as_rng("seven")


def test_seeds_depend_on_the_key_only_and_do_not_collide():
    keys = [(a, b) for a in range(40) for b in range(40)]
    keys += [(str(a), b) for a in range(10) for b in range(10)]
    keys += [("smote", 1), ("smot", "e", 1), ("smote1",), ("a", "b"), ("ab",), (97, 257, 98), ()]
    seeds = [seed_of(0, *key) for key in keys]
    assert seeds == [seed_of(0, *key) for key in keys]
    assert len(set(seeds)) >= len(seeds) - 2  # 31 bits: a chance collision is one in a thousand
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seed_of(1, "a") != seed_of(0, "a")


def test_a_seed_is_the_same_in_every_process():
    code = "from rarebird._random import seed_of; print(seed_of(7, 'smote', 3, 'x'))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(out.stdout) == seed_of(7, "smote", 3, "x")


def test_a_missing_package_is_named_with_its_command():
    assert available("numpy") and not available("no_such_package_at_all")
    assert need("json", extra="x", who="X") is json
    with pytest.raises(
        MissingDependencyError, match=r'SMOTE needs .*pip install "rarebird\[smote\]"'
    ):
        need("no_such_package_at_all.over", extra="smote", who="SMOTE")


def test_a_sampler_that_sees_codes_names_the_labels():
    X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [17, 3])
    with pytest.raises(DataError, match=r"class 1 \(3 rows\)"):
        SMOTE().fit_resample(X, y)
    with pytest.raises(DataError, match=r"class 'yes' \(3 rows\)"), class_names(["no", "yes"]):
        SMOTE().fit_resample(X, y)
    assert format_label(1) == "1"


def test_names_of_names_are_the_outermost():
    with class_names(["low", "mid", "high"]), class_names(np.array([0, 2])):
        assert [format_label(np.int64(code)) for code in range(3)] == ["'low'", "'high'", "2"]
    with class_names(["a", "b"]), class_names([5, 9]):
        assert format_label(1) == "9" and format_label("x") == "'x'" and format_label(-1) == "-1"
