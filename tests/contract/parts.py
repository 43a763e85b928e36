"""What every decision and calibrator must do, on plain rows and on each rare case."""

import inspect
import json

import numpy as np
import pytest

from contract.checks import Method, assert_probabilities, check
from contract.estimators import plain_case, use
from contract.rare import Rare
from rarebird._errors import DataError
from rarebird.decide import Actions, Decision


@check("part")
def a_weight_of_two_is_the_row_twice(method: Method) -> None:
    case = plain_case()
    weight = np.where(case.codes == 1, 2.0, 1.0)
    rows = np.repeat(np.arange(len(case.y)), weight.astype(int))
    one = method.make().fit(case.proba, case.codes, sample_weight=weight)
    two = method.make().fit(case.proba[rows], case.codes[rows])
    np.testing.assert_allclose(use(method, one, case), use(method, two, case), atol=1e-5)


@check("part")
def the_order_of_the_rows_does_not_matter(method: Method) -> None:
    case = plain_case()
    order = np.random.default_rng(0).permutation(len(case.y))
    one = method.make().fit(case.proba, case.codes)
    two = method.make().fit(case.proba[order], case.codes[order])
    np.testing.assert_allclose(use(method, one, case), use(method, two, case), atol=1e-6)


@check("part")
def labels_that_are_no_codes_are_refused(method: Method) -> None:
    case = plain_case()
    for labels in (np.where(case.y, "yes", "no"), case.y - 1, case.y + 1, case.y + 0.5):
        with pytest.raises(DataError, match="codes"):
            method.make().fit(case.proba, labels)


@check("part")
def what_was_learned_can_be_written_as_json(method: Method) -> None:
    case = plain_case()
    model = method.make().fit(case.proba, case.codes)
    json.dumps(model.state(), allow_nan=False)
    if hasattr(model, "describe"):
        assert len(model.describe().split()) >= 2


@check("part", per_case=True)
def a_rare_case_of_probabilities_works(method: Method, case: Rare) -> None:
    n_classes = len(case.classes)
    if n_classes > 2 and "multiclass" not in method.card.tasks:
        with pytest.raises(DataError, match=f"{n_classes} classes"):
            method.make(case).fit(case.proba, case.codes)
        return
    model = method.make(case).fit(case.proba, case.codes)
    if hasattr(model, "transform"):
        assert_probabilities(model.transform(case.proba), case.proba.shape)
    else:
        assert_actions(model.act(case.proba), *case.proba.shape)
        assert model.describe()
    json.dumps(model.state(), allow_nan=False)


def assert_actions(acted: Actions, n_rows: int, n_classes: int) -> None:
    assert isinstance(acted, Actions)
    assert acted.codes.dtype == np.intp and acted.codes.shape == (n_rows,)
    none = np.zeros(n_rows, dtype=bool) if acted.abstained is None else acted.abstained
    assert none.dtype == bool and none.shape == (n_rows,)
    assert np.all(acted.codes[none] == -1)
    assert set(acted.codes[~none].tolist()) <= set(range(n_classes))
    if acted.sets is not None:
        assert acted.sets.dtype == bool and acted.sets.shape == (n_rows, n_classes)


@check("part")
def what_it_is_not_made_for_is_refused(method: Method) -> None:
    case = plain_case()
    assert method.card.inputs == (method.object.input,)
    with pytest.raises(DataError, match="labels of shape"):
        method.make().fit(case.proba, np.column_stack([case.y, 1 - case.y]))
    if method.object.input == "probabilities":
        model = method.make().fit(case.proba, case.codes)
        for scores in (case.proba * 3 - 1, case.X[:, 0], case.proba / 2):
            with pytest.raises(DataError, match=r"no probabilities|sums to"):
                method.make().fit(scores, case.codes)
            with pytest.raises(DataError, match=r"no probabilities|sums to"):
                model.transform(scores) if hasattr(model, "transform") else model.predict(scores)


@check("part")
def a_decision_answers_with_actions(method: Method) -> None:
    if not issubclass(method.object, Decision):
        return
    case = plain_case()
    model = method.make().fit(case.proba, case.codes)
    acted = model.act(case.proba)
    assert_actions(acted, *case.proba.shape)
    np.testing.assert_array_equal(model.predict(case.proba), acted.codes)
    np.testing.assert_array_equal(model.act(case.proba, context={}).codes, acted.codes)
    with pytest.raises(DataError, match=f"{type(model).__name__}: 'weather'"):
        model.act(case.proba, context={"weather": np.ones(len(case.y))})


@check("part")
def a_decision_that_follows_the_prior_learns_nothing_from_labels(method: Method) -> None:
    if inspect.isclass(method.object) and method.card.follows_prior:
        case = plain_case()
        one = method.make().fit(case.proba, case.codes)
        two = method.make().fit(case.proba, 1 - case.codes, sample_weight=case.X[:, 0] ** 2)
        np.testing.assert_array_equal(one.predict(case.proba), two.predict(case.proba))
