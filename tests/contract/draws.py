"""What every draw and every scheme of an ensemble must do, on plain rows and on each rare case."""

from dataclasses import fields

import numpy as np
import pytest

from contract.checks import Method, assert_names_a_class_and_its_count, check
from contract.estimators import plain_case
from contract.rare import Rare
from rarebird._errors import ParameterError, RarebirdError
from rarebird._params import check_params
from rarebird.decide.prior import prior_correctable
from rarebird.ensemble import Ensemble, Scheme, Training
from rarebird.tables import Plan
from rarebird.tables.convert import as_table


def training_of(case: Rare, **more) -> Training:
    classes, codes = np.unique(case.y, return_inverse=True)
    return Training.of(case.X, codes, classes, n_rounds=3, **more)


def assert_plan_of(plan: Plan, training: Training, draw_is_natural_rows: bool = False) -> None:
    assert isinstance(plan, Plan) and len(plan) > 0
    assert plan.base.min() >= 0 and plan.base.max() < len(training.y)
    codes = plan.y_of(training.y)
    assert set(codes.tolist()) == set(range(len(training.classes))), "a class has no row"
    assert len(as_table(training.X, "contract").build(plan)) == len(plan)


@check("draw", per_case=True)
def a_draw_has_rows_of_every_class_or_refuses_with_its_count(method: Method, case: Rare) -> None:
    if np.isnan(case.X).any() and method.card.name == "resampled":
        case = Rare(case.name, np.nan_to_num(case.X), case.y, case.X_new, case.classes)
    training = training_of(case)
    if len(training.classes) < 2:  # an ensemble of one class draws nothing
        return
    try:
        plan = method.make(case)(training, 0, np.random.default_rng(0))
    except RarebirdError as error:
        assert_names_a_class_and_its_count(error, case)
        assert "refused" in method.card.rare_cases
        return
    assert_plan_of(plan, training)


@check("draw")
def a_draw_depends_on_its_arguments_only(method: Method) -> None:
    training, draw = training_of(plain_case()), method.make()
    for field in fields(training):
        value = getattr(training, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    first = draw(training, 0, np.random.default_rng(5))
    for again in (draw, method.make()):
        np.random.seed(99)  # noqa: NPY002 - nothing may depend on the global state
        again(training, 1, np.random.default_rng(6))
        plan = again(training, 0, np.random.default_rng(5))
        np.testing.assert_array_equal(plan.parents, first.parents)
        np.testing.assert_array_equal(plan.y_of(training.y), first.y_of(training.y))


@check("draw", "scheme")
def what_the_card_says_of_the_classes_the_part_says_too(method: Method) -> None:
    part = method.make()
    assert part.keeps_conditional == (
        method.card.keeps_conditional or prior_correctable(getattr(part, "resampler", None))
    )


@check("draw", "scheme")
def an_ensemble_refuses_a_part_with_a_parameter_outside_its_rule(method: Method) -> None:
    from sklearn.naive_bayes import GaussianNB

    from rarebird.ensemble import Balanced

    case = plain_case()
    for name in method.object.rules:
        part = method.make().set_params(**{name: object()})
        parts = {"draw": Balanced(), method.card.role: part}
        with pytest.raises(ParameterError, match=name):
            Ensemble(GaussianNB(), **parts).fit(case.X, case.y)
    check_params(method.card.name, method.object.rules, method.make().get_params(deep=False))


@check("scheme", per_case=True)
def a_scheme_keeps_weights_that_can_be_used(method: Method, case: Rare) -> None:
    classes, codes = np.unique(case.y, return_inverse=True)
    if len(classes) < 2:
        return
    rng = np.random.default_rng(0)
    right = np.eye(len(classes))[codes]
    given = np.where(np.arange(len(codes)) % 5 == 0, 0.0, 2.0) + 1e-9 * (codes == codes.max())
    for weight in (None, given):
        scheme: Scheme = method.make()
        start = scheme.start(codes, None if weight is None else weight.copy())
        assert_weights(start, weight, len(codes))
        for number in range(4):
            scores = 0.8 * right + 0.2 * rng.dirichlet(np.ones(len(classes)), len(codes))
            scores[rng.random(len(codes)) < 0.2] = 1 / len(classes)
            weights, alpha, stop = scheme.update(number, None, scores)
            assert_weights(weights, weight, len(codes))
            assert np.isfinite(alpha) and alpha >= 0
            if stop:
                break


def assert_weights(found, given, n_rows: int) -> None:
    if found is None:
        assert given is None
        return
    assert found.shape == (n_rows,) and np.all(np.isfinite(found)) and np.all(found >= 0)
    counted = np.ones(n_rows, dtype=bool) if given is None else given > 0
    np.testing.assert_array_equal(found > 0, counted)


@check("scheme")
def a_scheme_ends_without_error_on_perfect_and_on_useless_members(method: Method) -> None:
    case = plain_case()
    right = np.eye(2)[case.codes]
    for scores in (right, 1 - right, np.full_like(right, 0.5)):
        scheme = method.make()
        scheme.start(case.codes)
        weights, alpha, stop = scheme.update(0, None, scores)
        assert_weights(weights, None if weights is None else np.ones(len(weights)), len(case.y))
        assert alpha >= 0 and isinstance(stop, bool)


@check("scheme")
def a_scheme_starts_afresh(method: Method) -> None:
    case, scheme = plain_case(), method.make()
    right = np.eye(2)[case.codes]
    noisy = np.where(np.arange(len(right))[:, None] % 7 == 0, 1 - right, right)
    found = []
    for _ in range(2):
        scheme.start(case.codes)
        found.append([scheme.update(number, None, noisy)[1] for number in range(2)])
    assert found[0] == found[1]
