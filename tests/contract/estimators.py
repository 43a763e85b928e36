"""What every registered estimator must do, and what parts of `rarebird.decide` must do as well."""

import inspect
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from contract.checks import (
    Method,
    assert_names_a_class_and_its_count,
    assert_probabilities,
    check,
)
from contract.rare import RARE, Rare
from rarebird._errors import ParameterError, RarebirdError
from rarebird.decide import ProbabilityModel


def plain_case() -> Rare:
    rng = np.random.default_rng(3)
    y = (np.arange(120) % 4 == 0).astype(int)
    X = rng.normal(size=(120, 3)) + y[:, None]
    return Rare("plain", X, y, X[:20] + 0.1, np.array([0, 1]))


def learn(method: Method, model: Any, case: Rare, **more: Any) -> Any:
    if method.kind == "part":
        return model.fit(case.proba, case.codes, **more)
    return model.fit(case.X, case.y, **more)


def use(method: Method, model: Any, case: Rare) -> np.ndarray:
    if method.kind == "estimator":
        return model.predict_proba(case.X_new)
    new = case.proba[: len(case.X_new)]
    new.setflags(write=False)
    return model.transform(new) if hasattr(model, "transform") else model.predict(new)


@check("estimator", "part", "resampler", "draw", "scheme")
def parameters_survive_a_clone_and_a_round_trip(method: Method) -> None:
    if not inspect.isclass(method.object):
        return
    model = method.make()
    given = model.get_params(deep=False)
    assert given.keys() == dict(inspect.signature(method.object).parameters).keys()
    assert repr(clone(model).get_params(deep=False)) == repr(given)
    other = method.make().set_params(**given)
    for name, value in given.items():
        assert getattr(other, name) is value, f"{name} is not stored as it was given"


@check("estimator", "part", "resampler")
def a_parameter_outside_its_rule_is_refused(method: Method) -> None:
    rules = getattr(method.object, "rules", {})
    case = plain_case()
    known = inspect.signature(method.object).parameters
    for name in [name for name in rules if name in known]:
        model = method.make().set_params(**{name: object()})
        with pytest.raises(ParameterError, match=name):
            learn(method, model, case)


@check("estimator", "part")
def fit_changes_neither_its_inputs_nor_its_parameters(method: Method) -> None:
    case, model = plain_case(), method.make()
    arrays = (case.X, case.y, case.proba, case.codes, case.X_new)
    copies = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    before = {name: repr(value) for name, value in model.get_params().items()}
    if method.kind == "part":
        assert model.fit(arrays[2], arrays[3]) is model
    else:
        assert model.fit(arrays[0], arrays[1]) is model
    use(method, model, case)
    assert {name: repr(value) for name, value in model.get_params().items()} == before
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@check("estimator", "part")
def a_pickled_copy_answers_the_same(method: Method) -> None:
    case = plain_case()
    model = learn(method, method.make(), case)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(use(method, copy, case), use(method, model, case))


@check("estimator", "part")
def the_same_seed_gives_the_same_numbers(method: Method) -> None:
    case, model = plain_case(), method.make()
    first = use(method, learn(method, model, case), case)
    np.random.seed(99)  # noqa: NPY002 - nothing may depend on the global state
    np.testing.assert_array_equal(use(method, learn(method, model, case), case), first)
    np.testing.assert_array_equal(use(method, learn(method, method.make(), case), case), first)


@check("estimator", "part")
def nothing_is_answered_before_fit(method: Method) -> None:
    with pytest.raises((ValueError, AttributeError)):
        use(method, method.make(), plain_case())


@check("estimator", "part")
def weights_of_one_change_nothing(method: Method) -> None:
    case = plain_case()
    without = use(method, learn(method, method.make(), case), case)
    ones = learn(method, method.make(), case, sample_weight=np.ones(len(case.y)))
    np.testing.assert_allclose(use(method, ones, case), without, atol=1e-9)


@check("estimator")
def each_row_is_predicted_by_itself(method: Method) -> None:
    case = plain_case()
    model = method.make().fit(case.X, case.y)
    order = np.random.default_rng(0).permutation(len(case.X_new))
    together = model.predict_proba(case.X_new)
    np.testing.assert_allclose(model.predict_proba(case.X_new[order]), together[order], atol=1e-12)
    np.testing.assert_allclose(model.predict_proba(case.X_new[:1]), together[:1], atol=1e-7)


@check("estimator")
def renamed_labels_give_the_same_probabilities(method: Method) -> None:
    case = plain_case()
    codes = method.make().fit(case.X, case.y)
    names = method.make().fit(case.X, np.array(["a", "b, the rare one"])[case.y])
    np.testing.assert_array_equal(names.predict_proba(case.X_new), codes.predict_proba(case.X_new))
    assert names.classes_.tolist() == ["a", "b, the rare one"]
    assert set(names.predict(case.X_new)) <= set(names.classes_)


@check("estimator", per_case=True)
def a_rare_case_works_or_is_refused_with_its_count(method: Method, case: Rare) -> None:
    if not method.takes_missing and np.isnan(np.concatenate([case.X, case.X_new])).any():
        case = replace(case, X=np.nan_to_num(case.X), X_new=np.nan_to_num(case.X_new))
    present = np.unique(case.y)
    try:
        model = method.make(case).fit(case.X, case.y)
    except RarebirdError as error:
        assert_names_a_class_and_its_count(error, case)
        assert "refused" in method.card.rare_cases
        return
    np.testing.assert_array_equal(model.classes_, present)
    assert_probabilities(model.predict_proba(case.X_new), (len(case.X_new), len(present)))
    assert set(model.predict(case.X_new).tolist()) <= set(present.tolist())


def _is_probability_model(method: Method) -> bool:
    return inspect.isclass(method.object) and issubclass(method.object, ProbabilityModel)


def _who(method: Method) -> str:
    """Return how an error must begin: of ours it names the class that was asked."""
    return f"{method.object.__name__}: .*" if _is_probability_model(method) else ""


@check("estimator")
def a_real_valued_target_is_refused(method: Method) -> None:
    case = plain_case()
    with pytest.raises(ValueError, match=_who(method) + "(continuous|classes)"):
        method.make().fit(case.X, case.X[:, 0])


@check("estimator")
def several_labels_in_a_row_are_refused(method: Method) -> None:
    case = plain_case()
    with pytest.raises(ValueError, match=_who(method) + "(1d|shape|multilabel)"):
        method.make().fit(case.X, np.column_stack([case.y, 1 - case.y]))


# --- the probability model ----------------------------------------------------------------------


@check("estimator")
def every_classifier_of_ours_is_a_probability_model(method: Method) -> None:
    if method.card.role in ("estimator", "ensemble") and inspect.isclass(method.object):
        assert _is_probability_model(method)


@check("estimator")
def another_prior_moves_the_probabilities_by_the_ratio_of_odds(method: Method) -> None:
    if not _is_probability_model(method):
        return
    for case, names, prior in (
        (plain_case(), ["0", "1"], [0.9, 0.1]),
        (RARE["string_labels"](), ["commonplace", "rare", "very rare"], [0.2, 0.3, 0.5]),
    ):
        model = method.make(case).fit(case.X, case.y)
        before = model.predict_proba(case.X_new)
        np.testing.assert_allclose(model.training_prior_, np.bincount(case.codes) / len(case.y))
        np.testing.assert_array_equal(model.prior_, model.training_prior_)
        expected = before * prior / model.training_prior_
        expected /= expected.sum(axis=1, keepdims=True)
        labels = dict(zip(model.classes_.tolist(), prior, strict=True))
        stated = [prior, np.array(prior), labels, dict(zip(names, prior, strict=True))]
        for given in [*stated, *prior[1:][: 3 - len(prior)]]:  # of two classes the share of one
            assert model.set_prior(given) is model
            np.testing.assert_allclose(model.predict_proba(case.X_new), expected, atol=1e-12)
            np.testing.assert_allclose(model.prior_, prior)
            assert set(model.predict(case.X_new).tolist()) <= set(model.classes_.tolist())
            assert model.prior_note_
        model.set_prior(model.training_prior_)
        np.testing.assert_allclose(model.predict_proba(case.X_new), before, atol=1e-12)


@check("estimator")
def a_prior_that_makes_no_sense_is_refused_and_nothing_moves(method: Method) -> None:
    if not _is_probability_model(method):
        return
    case = plain_case()
    model = method.make().fit(case.X, np.array(["no", "yes"])[case.y])
    with pytest.raises(ValueError, match="not fitted"):
        method.make().set_prior(0.5)
    before = model.prior_
    for prior, words in (
        (0, "'no' has 1|'yes' has 0"),
        (1.5, "'no' has -0.5"),
        (float("nan"), "'no' has nan"),
        ("half", "numbers"),
        ([0.5, 0.3, 0.2], r"shape is \(3,\) for the 2 classes"),
        ([0.6, 0.6], "sum to 1.2"),
        ({"no": 0.5}, "'yes' .* lacks its share"),
        ({"no": 0.5, "yess": 0.5}, "'yess' is not among .*Did you mean 'yes'"),
    ):
        with pytest.raises(ParameterError, match=words):
            model.set_prior(prior)
        assert model.prior_ is before
