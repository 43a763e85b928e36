"""The model of a report is what the library's parts give: nothing of the study is in between."""

import numpy as np
import pytest

from rarebird._random import seed_of
from rarebird.decide import (
    BiasCorrectedTemperature,
    CostRule,
    DecidedClassifier,
    Identity,
    out_of_fold,
)
from rarebird.ensemble import UnderBaggingClassifier
from rarebird.registry import method
from rarebird.resample import SMOTE, RandomUnderSampler, ResampledClassifier, Standardized
from rarebird.study import Study, compare
from rarebird.study.candidates import Candidate
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
    chosen = None if name == "baseline" else name
    monkeypatch.setattr(compare, "_choose", lambda *_: chosen)
    built = {}
    build = Candidate.build

    def remember(self, setting, *, categorical, seed, threads):
        model = build(self, setting, categorical=categorical, seed=seed, threads=threads)
        built[self.name] = (setting, seed)
        return model

    monkeypatch.setattr(Candidate, "build", remember)
    treatments = ["class-weights"] if chosen is None else [chosen]
    found = Study(cost={"fp": 1, "fn": 9}, treatments=treatments, n_jobs=1).run(frame, "bad")
    setting, seed = built[name]  # of the last fit, the final one

    ready = prepare(frame, "bad")
    rows = ready.rows.take(ready.train)
    learner = method("learner", setting.learner)
    seeded = {"random_state": seed} if setting.learner != "logistic" else {}
    learner = learner(**setting.params, **seeded, categorical=(2,))
    estimator = COMPOSED[name](learner, seed)
    folds = rows.design.folds(rows.y, 3, _seed_of_folds(name))
    scores = out_of_fold(estimator, rows.X, rows.y, folds)
    model = DecidedClassifier(
        estimator, CostRule({"fp": 1, "fn": 9}), calibrator=BiasCorrectedTemperature()
    ).fit(rows.X, rows.y, oof=scores)
    X = found.model.matrix(frame)[0]
    np.testing.assert_allclose(
        found.model.predict_proba(frame), model.predict_proba(X), rtol=0, atol=1e-12
    )
    labels = np.array(ready.classes)[model.predict(X)]
    assert found.model.predict(frame).tolist() == labels.tolist()


def _seed_of_folds(name):
    return seed_of(seed_of(0, "refit", name), "inner")
