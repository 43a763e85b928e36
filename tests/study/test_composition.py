"""The model of a report is what the library's parts give: nothing of the study is in between."""

import numpy as np
import pytest

from rarebird._random import seed_of
from rarebird.decide import (
    BiasCorrectedTemperature,
    CostRule,
    DecidedClassifier,
    Identity,
)
from rarebird.ensemble import UnderBaggingClassifier
from rarebird.registry import method
from rarebird.resample import SMOTE, RandomUnderSampler, ResampledClassifier, Standardized
from rarebird.study import Study, compare
from rarebird.study.cell import outer_folds
from rarebird.study.choose import Choice
from rarebird.study.prepare import prepare
from rarebird.weight import ClassWeightedClassifier


def smote(learner, seed):
    sampler = SMOTE(sampling_strategy={"min_ratio": 1.0, "min_rows": 2}, k_neighbors="auto")
    sampler = Standardized(sampler, categorical_features=[2])
    return ResampledClassifier(sampler, learner, calibrator=Identity(), random_state=seed)


def random_under(learner, seed):
    sampler = RandomUnderSampler(sampling_strategy={"max_ratio": 1.0})
    return ResampledClassifier(sampler, learner, calibrator=Identity(), random_state=seed)


COMPOSED = {
    "baseline": lambda learner, seed: learner,
    "smote": smote,
    "random-under": random_under,
    "class-weights": lambda learner, seed: ClassWeightedClassifier(learner, exponent=1.0),
    "under-bagging": lambda learner, seed: UnderBaggingClassifier(
        learner, ratio=1.0, n_estimators=10, random_state=seed
    ),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_the_reports_model_is_the_librarys_composition(table, small_schedule, monkeypatch, name):
    frame = table(400)
    arms = []

    def choose(race, tester, to_baseline):
        entry = race.plain[0] if name == "baseline" else race.treated[0]
        arms.append(entry.arm)
        seen = tuple(race.scores.seen(entry.arm, r) for r in range(entry.repeats))
        return Choice((entry.arm,), entry.value, seen)

    monkeypatch.setattr(compare, "choose", choose)
    treatments = ["class-weights"] if name == "baseline" else [name]
    found = Study(cost={"fp": 1, "fn": 9}, treatments=treatments, n_jobs=1).run(frame, "bad")
    [setting] = [arm.setting for arm in arms]

    rows, seed = prepare(frame, "bad").rows, seed_of(0, 0)
    learner = method("learner", setting.learner)
    seeded = {"random_state": seed} if setting.learner != "logistic" else {}
    learner = learner(**setting.params, **seeded, categorical=(2,))
    model = DecidedClassifier(
        COMPOSED[name](learner, seed),
        CostRule({"fp": 1, "fn": 9}),
        calibrator=BiasCorrectedTemperature(),
        cv=outer_folds(rows, 3, 0, 0),
        ensemble=True,
    ).fit(rows.X, rows.y)
    X = found.model.matrix(frame)[0]
    np.testing.assert_allclose(
        found.model.predict_proba(frame), model.predict_proba(X), rtol=0, atol=1e-6
    )
    labels = np.array(prepare(frame, "bad").classes)[model.predict(X)]
    assert found.model.predict(frame).tolist() == labels.tolist()
