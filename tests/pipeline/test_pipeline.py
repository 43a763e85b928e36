"""The pipeline against imbalanced-learn's, and everything theirs refuses or gets wrong."""

import pickle
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from imblearn import pipeline as imb
from imblearn.combine import SMOTEENN
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import NearMiss, RandomUnderSampler
from joblib import Memory
from sklearn import pipeline as sk
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import check_estimator

from rarebird._errors import DataError, ParameterError, ParameterTypeError
from rarebird.pipeline import Pipeline, make_pipeline

X, Y = make_classification(240, 6, n_informative=4, weights=[0.85], random_state=0)
NEW = np.random.RandomState(1).normal(size=(50, 6))
WEIGHT = np.random.RandomState(2).uniform(0.5, 2, size=240)
SERVING = ("predict", "predict_proba", "predict_log_proba", "decision_function")


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


class Counting(BaseEstimator):
    """Keeps every second row, and counts over all its clones how often it did."""

    calls = 0

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        return self

    def fit_resample(self, X, y):
        Counting.calls += 1
        return self.fit(X, y)._rows(X)[::2], np.asarray(y)[::2]

    def _rows(self, X):
        return X.iloc if hasattr(X, "iloc") else X


class Carrying(BaseEstimator):
    """Keeps every third row, of aligned arrays too."""

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        return self

    def fit_resample(self, X, y, *, keep_index=None, **aligned):
        self.fit(X, y)
        self.seen_ = sorted(aligned)
        return tuple(values[::3] for values in (X, y, *aligned.values()))


class Bare:
    """A sampler and nothing else: no fit, no parameters."""

    def fit_resample(self, X, y):
        return X[::2], y[::2]


class Weighed(BaseEstimator):
    """Remembers what it was fitted with."""

    def fit(self, X, y, sample_weight=None, X_val=None):
        self.X_, self.y_, self.weight_, self.X_val_ = X, y, sample_weight, X_val
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros(len(X), int)


class FitThenTransform(BaseEstimator):
    """A transformer without fit_transform, which imbalanced-learn gives the wrong labels."""

    def fit(self, X, y, sample_weight=None):
        self.n_features_in_, self.n_rows_, self.n_labels_ = X.shape[1], len(X), len(y)
        self.weight_ = sample_weight
        return self

    def transform(self, X):
        return X * 2


def logistic():
    return LogisticRegression(max_iter=500)


COMPOSITIONS = {
    "sampler_first": lambda s: [("smote", SMOTE(random_state=s)), ("lr", logistic())],
    "between": lambda s: [
        ("scale", StandardScaler()),
        ("smote", SMOTE(random_state=s)),
        ("lr", logistic()),
    ],
    "two_samplers": lambda s: [
        ("over", SMOTE(sampling_strategy=0.5, random_state=s)),
        ("pca", PCA(3, random_state=s)),
        ("under", RandomUnderSampler(random_state=s)),
        ("tree", DecisionTreeClassifier(random_state=s)),
    ],
    "cleaning": lambda s: [
        ("scale", StandardScaler()),
        ("best", SelectKBest(k=4)),
        ("enn", SMOTEENN(random_state=s)),
        ("knn", KNeighborsClassifier()),
    ],
    "passthrough": lambda s: [
        ("none", None),
        ("gone", "passthrough"),
        ("over", RandomOverSampler(random_state=s)),
        ("tree", DecisionTreeClassifier(random_state=s)),
    ],
    "no_sampler": lambda s: [("scale", StandardScaler()), ("lr", logistic())],
}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # the tree's log of 0
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", list(COMPOSITIONS))
def test_predictions_are_theirs(name, seed):
    ours = Pipeline(COMPOSITIONS[name](seed)).fit(X, Y)
    other = imb.Pipeline(COMPOSITIONS[name](seed)).fit(X, Y)
    for method in SERVING:
        assert hasattr(ours, method) == hasattr(other, method)
        if hasattr(other, method):
            np.testing.assert_array_equal(getattr(ours, method)(NEW), getattr(other, method)(NEW))
    assert ours.score(X, Y) == other.score(X, Y)
    assert ours.score(X, Y, sample_weight=WEIGHT) == other.score(X, Y, sample_weight=WEIGHT)
    assert ours.classes_.tolist() == [0, 1]
    if name != "passthrough":
        assert ours.n_features_in_ == other.n_features_in_ == 6


@pytest.mark.parametrize("seed", range(3))
def test_transformed_rows_are_theirs(seed):
    def steps():
        return [
            ("scale", StandardScaler()),
            ("under", RandomUnderSampler(random_state=seed)),
            ("pca", PCA(3, random_state=seed)),
        ]

    ours, other = Pipeline(steps()), imb.Pipeline(steps())
    np.testing.assert_array_equal(ours.fit_transform(X, Y), other.fit_transform(X, Y))
    np.testing.assert_array_equal(ours.transform(NEW), other.transform(NEW))
    np.testing.assert_array_equal(
        ours.inverse_transform(ours.transform(NEW)), other.inverse_transform(other.transform(NEW))
    )
    assert ours.get_feature_names_out().tolist() == ["pca0", "pca1", "pca2"]
    ours, other = Pipeline(steps()[:2]), imb.Pipeline(steps()[:2])
    for found, known in zip(ours.fit_resample(X, Y), other.fit_resample(X, Y), strict=True):
        np.testing.assert_array_equal(found, known)
    ours, other = (
        p.set_params(pca=KMeans(2, n_init=1, random_state=seed))
        for p in (Pipeline(steps()), imb.Pipeline(steps()))
    )
    np.testing.assert_array_equal(ours.fit_predict(X, Y), other.fit_predict(X, Y))
    np.testing.assert_array_equal(ours.predict(NEW), other.predict(NEW))


def test_the_names_are_theirs():
    steps = (StandardScaler(), SMOTE(), SMOTE(), "passthrough", logistic())
    ours, other = make_pipeline(*steps, verbose=True), imb.make_pipeline(*steps, verbose=True)
    assert ours.steps == other.steps
    assert type(ours) is Pipeline and ours.verbose
    assert ours.get_params().keys() == other.get_params().keys()


def test_a_last_transformer_gets_the_labels_of_its_rows():
    last = make_pipeline(Counting(), FitThenTransform())
    assert len(last.fit_transform(X, Y)) == 120
    assert last[-1].n_rows_ == last[-1].n_labels_ == 120
    assert len(last.fit_resample(X, Y)[1]) == 120
    assert len(make_pipeline(Counting(), "passthrough").fit_resample(X, Y)[1]) == 120
    assert len(make_pipeline(Counting(), "passthrough").fit_transform(X, Y)) == 120
    X_same, y_same = make_pipeline("passthrough").fit_resample(X, Y)
    assert X_same is X and y_same is Y


def test_samplers_work_in_fit_only():
    Counting.calls = 0
    model = make_pipeline(StandardScaler(), Counting(), PCA(2), logistic()).fit(X, Y)
    assert Counting.calls == 1
    for method in SERVING:
        assert len(getattr(model, method)(NEW)) == 50
    model.score(X, Y)
    assert len(model[:-1].transform(NEW)) == 50
    assert len(model[:2].transform(NEW)) == 50  # a slice that ends in the sampler
    make_pipeline(StandardScaler(), Counting()).fit(X, Y)  # the last step is only fitted, as theirs
    assert Counting.calls == 1
    model[:-1].inverse_transform(model[:-1].transform(NEW))
    model[:-1].get_feature_names_out()
    assert Counting.calls == 1
    model.set_params(logisticregression=KMeans(2, n_init=1)).fit_predict(X, Y)
    assert Counting.calls == 2


def test_a_last_step_that_predicts_is_no_sampler():
    class BothWays(Weighed):
        def fit_resample(self, X, y):
            return X, y

    model = make_pipeline(Counting(), BothWays()).fit(X, Y)
    assert len(model.predict(NEW)) == 50 and len(model[-1].y_) == 120


def test_what_a_pipeline_can_depends_on_its_last_step():
    ends_in = {
        "sampler": make_pipeline(PCA(), SMOTE()),
        "transformer": make_pipeline(SMOTE(), PCA()),
        "passthrough": make_pipeline(SMOTE(), "passthrough"),
        "classifier": make_pipeline(SMOTE(), logistic()),
        "plain": make_pipeline(PCA(), PCA()),
    }
    can = {
        name: [
            m
            for m in ("fit_resample", "fit_transform", "transform", "predict", "fit_predict")
            if hasattr(p, m)
        ]
        for name, p in ends_in.items()
    }
    rows = ["fit_resample", "fit_transform", "transform"]
    assert can == {
        "sampler": rows,
        "transformer": rows,
        "passthrough": rows,
        "classifier": ["predict"],
        "plain": ["fit_transform", "transform"],
    }
    assert hasattr(make_pipeline(SMOTE(), KMeans()), "fit_predict")


# Nesting


FLAT = [
    ("scale", StandardScaler()),
    ("smote", SMOTE(sampling_strategy=0.5, random_state=0)),
    ("pca", PCA(3, random_state=0)),
    ("under", RandomUnderSampler(random_state=0, sampling_strategy=0.9)),
    ("lr", logistic()),
]


SPANS = [(0, 2), (1, 2), (1, 3), (2, 4), (0, 4), (1, 5), (3, 5), (0, 5)]
ENDS_IN_ITS_SAMPLER = [(0, 2), (1, 2), (2, 4)]  # all that scikit-learn's can hold


@pytest.mark.parametrize(
    "kind, low, high",
    [(kind, *span) for kind in (Pipeline, imb.Pipeline) for span in SPANS]
    + [(sk.Pipeline, *span) for span in ENDS_IN_ITS_SAMPLER],
)
def test_a_nested_pipeline_is_the_flat_one(kind, low, high):
    steps = clone(Pipeline(FLAT)).steps
    inner = kind(steps[low:high])
    nested = Pipeline([*steps[:low], ("inner", inner), *steps[high:]]).fit(X, Y)
    flat = clone(Pipeline(FLAT)).fit(X, Y)
    np.testing.assert_array_equal(nested.predict_proba(NEW), flat.predict_proba(NEW))
    assert nested.score(X, Y) == flat.score(X, Y)
    assert nested.named_steps["inner"] is inner and type(inner) is kind
    assert nested.n_features_in_ == 6


def test_nested_twice_and_cloned():
    deep = make_pipeline(
        make_pipeline(StandardScaler(), make_pipeline(Counting(), PCA(3)), Counting()),
        make_pipeline(Counting(), logistic()),
    )
    Counting.calls = 0
    model = clone(deep).fit(X, Y)
    assert Counting.calls == 3
    plain = X[::2] - X.mean(axis=0)
    assert model[0][1][1].n_samples_ == len(plain)
    assert len(model.predict(NEW)) == 50 and Counting.calls == 3
    assert not hasattr(deep[0][0], "mean_")


def test_an_inner_pipeline_hands_its_labels_on():
    last = make_pipeline(make_pipeline(Counting(), PCA(2)), Weighed()).fit(X, Y)[-1]
    assert last.X_.shape == (120, 2)
    np.testing.assert_array_equal(last.y_, Y[::2])


def test_an_inner_pipeline_of_theirs_keeps_its_own_memory(tmp_path):
    for last in (False, True):
        inner = imb.Pipeline(
            [("scale", StandardScaler()), ("half", Counting()), ("end", PCA(2))],
            memory=Memory(tmp_path / str(last), verbose=0),
        )
        if last:
            inner.steps[-1] = ("end", Weighed())
        Counting.calls = 0
        for _ in range(2):
            model = make_pipeline(clone(inner), *([] if last else [Weighed()])).fit(X, Y)
            assert len(model.predict(NEW)) == 50
            assert len((model[-1][-1] if last else model[-1]).y_) == 120
        assert Counting.calls == 1


def test_inner_output_and_bare_samplers():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = make_pipeline(sk.make_pipeline(StandardScaler(), Counting()), Weighed())
    model.set_output(transform="pandas").fit(frame, Y)
    assert list(model[-1].X_.columns) == list("abcdef")
    assert len(make_pipeline(StandardScaler(), Bare(), Weighed()).fit(X, Y)[-1].y_) == 120
    assert len(make_pipeline(StandardScaler(), Bare()).fit(X, Y).fit_resample(X, Y)[1]) == 120


# Arrays that belong to the rows


def weighed(*steps, **params):
    model = make_pipeline(*steps, Weighed()).fit(
        X, Y, **{"weighed__sample_weight": WEIGHT} | params
    )
    return model[-1].weight_


@pytest.mark.parametrize(
    "sampler",
    [
        RandomUnderSampler(random_state=0),
        RandomOverSampler(random_state=0),
        NearMiss(n_neighbors=3),
    ],
    ids=lambda s: type(s).__name__,
)
def test_weights_follow_the_indices_of_a_sampler(sampler):
    found = weighed(StandardScaler(), sampler)
    np.testing.assert_array_equal(found, WEIGHT[sampler.sample_indices_])
    steps = [("sampler", sampler), ("lr", logistic())]
    ours = Pipeline(steps).fit(X, Y, lr__sample_weight=WEIGHT)
    with pytest.raises(ValueError, match="sample_weight"):
        imb.Pipeline(steps).fit(X, Y, lr__sample_weight=WEIGHT)
    X_new, y_new = sampler.fit_resample(X, Y)
    known = logistic().fit(X_new, y_new, sample_weight=WEIGHT[sampler.sample_indices_])
    np.testing.assert_array_equal(ours.predict_proba(NEW), known.predict_proba(NEW))


def test_weights_follow_a_sampler_that_takes_them():
    np.testing.assert_array_equal(weighed(Carrying(), StandardScaler()), WEIGHT[::3])
    np.testing.assert_array_equal(weighed(Carrying(), Carrying()), WEIGHT[::3][::3])
    under = RandomUnderSampler(random_state=0)
    found = weighed(Carrying(), under, Carrying())
    np.testing.assert_array_equal(found, WEIGHT[::3][under.sample_indices_][::3])


def test_weights_follow_into_and_through_inner_pipelines():
    through = make_pipeline(StandardScaler(), make_pipeline(Carrying(), PCA(2)))
    np.testing.assert_array_equal(weighed(through, Carrying()), WEIGHT[::3][::3])
    for kind in (make_pipeline, imb.make_pipeline):
        model = make_pipeline(Carrying(), kind(Carrying(), Weighed()))
        model.fit(X, Y, pipeline__weighed__sample_weight=WEIGHT)
        np.testing.assert_array_equal(model[-1][-1].weight_, WEIGHT[::3][::3])
    # the same name inside and outside: each step gets its own array, of its own rows
    inner = Pipeline([("c", Carrying()), ("t", FitThenTransform())])
    both = Pipeline([("t", inner), ("c", Carrying()), ("w", Weighed())])
    both.fit(X, Y, t__t__sample_weight=np.arange(240), w__sample_weight=WEIGHT)
    np.testing.assert_array_equal(inner[-1].weight_, np.arange(240)[::3])
    np.testing.assert_array_equal(both[-1].weight_, WEIGHT[::3][::3])


@pytest.mark.parametrize(
    "make",
    [list, pd.Series, pl.Series, pa.array, lambda w: w[:, None], lambda w: pl.DataFrame({"w": w})],
    ids=["list", "pandas", "polars", "pyarrow", "column", "frame"],
)
def test_any_kind_of_array_follows(make):
    under = RandomUnderSampler(random_state=0)
    found = weighed(under, weighed__sample_weight=make(WEIGHT))
    assert type(found) in (type(make(WEIGHT)), list)
    np.testing.assert_array_equal(np.ravel(found), WEIGHT[under.sample_indices_])


def test_a_weight_that_cannot_follow_names_the_step():
    for step in (SMOTE(random_state=0), make_pipeline(PCA(), SMOTE(random_state=0))):
        with pytest.raises(DataError, match=r"weighed__sample_weight cannot follow .* 'smote'"):
            weighed(StandardScaler(), step)

    class Forgetful(Counting):
        sample_indices_ = np.arange(3)

    with pytest.raises(DataError, match=r"cannot follow .* 'forgetful' \(Forgetful\)"):
        weighed(Forgetful())
    # before the sampler there is nothing to follow, and a scalar or a table of other rows is none
    make_pipeline(StandardScaler(), SMOTE(), logistic()).fit(
        X, Y, standardscaler__sample_weight=WEIGHT
    )
    last = make_pipeline(SMOTE(random_state=0), Weighed()).fit(X, Y, weighed__X_val=NEW)[-1]
    assert last.X_val_ is NEW
    with pytest.raises(ValueError, match="does not accept the sample_weight parameter"):
        make_pipeline(SMOTE(), logistic()).fit(X, Y, sample_weight=WEIGHT)


def test_routed_weights_need_no_request_of_a_sampler(routing):
    scale = StandardScaler().set_fit_request(sample_weight=True)
    last = Weighed().set_fit_request(sample_weight="cost", X_val=False)
    model = make_pipeline(scale, Carrying(), make_pipeline(Carrying(), PCA(2)), last)
    cost = np.arange(240.0)
    model.fit(X, Y, sample_weight=WEIGHT, cost=cost)
    np.testing.assert_array_equal(model[-1].weight_, cost[::3][::3])
    known = StandardScaler().fit(X, sample_weight=WEIGHT)
    np.testing.assert_array_equal(model[0].mean_, known.mean_)
    assert model[1].seen_ == ["cost"]
    with pytest.raises(DataError, match="sample_weight cannot follow"):
        make_pipeline(
            SMOTE(random_state=0), Weighed().set_fit_request(sample_weight=True, X_val=False)
        ).fit(X, Y, sample_weight=WEIGHT)
    with pytest.raises(TypeError, match="unexpected"):
        make_pipeline(Carrying(), PCA()).fit(X, Y, sample_weight=WEIGHT)
    with pytest.raises(ValueError, match="requested or not requested"):
        make_pipeline(Carrying(), Weighed()).fit(X, Y, sample_weight=WEIGHT)


def test_routed_weights_reach_every_fit_method(routing):
    class Last(TransformerMixin, FitThenTransform):
        pass

    steps = make_pipeline(Carrying(), Last().set_fit_request(sample_weight=True))
    for method in ("fit", "fit_transform", "fit_resample"):
        model = clone(steps)
        getattr(model, method)(X, Y, sample_weight=WEIGHT)
        np.testing.assert_array_equal(model[-1].weight_, WEIGHT[::3])
    inner = make_pipeline(clone(steps), "passthrough")
    inner.fit_resample(X, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(inner[0][1].weight_, WEIGHT[::3])
    kmeans = make_pipeline(Carrying(), KMeans(2, n_init=1).set_fit_request(sample_weight=True))
    assert len(kmeans.fit_predict(X, Y)) == 80


def test_a_sampler_gets_what_it_requests(routing):
    class Asking(Carrying):
        def fit(self, X, y, groups=None):
            return super().fit(X, y)

        def fit_resample(self, X, y, groups=None):
            self.groups_ = groups
            return X[::2], y[::2]

    model = make_pipeline(Carrying(), Asking().set_fit_request(groups=True), logistic())
    model.fit(X, Y, groups=np.arange(240))
    np.testing.assert_array_equal(model[1].groups_, np.arange(240)[::3])

    class Greedy(Carrying):
        def fit(self, X, y, groups=None):
            return super().fit(X, y)

    last = Weighed().set_fit_request(sample_weight="groups", X_val=False)
    model = make_pipeline(Greedy().set_fit_request(groups=True), last)
    model.fit(X, Y, groups=np.arange(240))
    np.testing.assert_array_equal(model[-1].weight_, np.arange(240)[::3])


def test_routing_inside_a_search(routing):
    model = make_pipeline(
        RandomUnderSampler(random_state=0), logistic().set_fit_request(sample_weight=True)
    )
    model[-1].set_score_request(sample_weight=True)
    scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
    grid = {"randomundersampler__sampling_strategy": [0.5, 1.0]}
    grid = GridSearchCV(model, grid, cv=3, scoring=scorer).fit(X, Y, sample_weight=WEIGHT)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()
    assert model.fit(X, Y, sample_weight=WEIGHT).score(X, Y, sample_weight=WEIGHT) > 0.5


def test_transform_input_passes_samplers(routing):
    validation = X[::-1].copy()  # as many rows as X, and none of its business
    negative = make_pipeline(Carrying(), FunctionTransformer(np.negative))
    for inner, sign in ((Carrying(), 1), (negative, -1)):
        model = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            inner,
            Weighed().set_fit_request(X_val=True, sample_weight=True),
            transform_input=["X_val"],
        ).fit(X, Y, X_val=validation, sample_weight=WEIGHT)
        known = StandardScaler().fit(X).transform(validation)
        np.testing.assert_array_equal(model[-1].X_val_, sign * known)
        np.testing.assert_array_equal(model[-1].weight_, WEIGHT[::3])


def test_transform_input_needs_routing():
    with pytest.raises(ValueError, match="transform_input"):
        make_pipeline(Carrying(), Weighed(), transform_input=["X_val"]).fit(X, Y)


# A good citizen of scikit-learn


@pytest.mark.parametrize("nested", [False, True])
def test_memory_keeps_resampled_rows(tmp_path, nested):
    def model(C):
        steps = [StandardScaler(), Counting()]
        steps = [make_pipeline(*steps)] if nested else steps
        return make_pipeline(*steps, LogisticRegression(C=C), memory=Memory(tmp_path, verbose=0))

    Counting.calls = 0
    first = model(1.0).fit(X, Y)
    second = model(1.0).fit(X, Y)
    third = model(0.1).fit(X, Y)
    assert Counting.calls == 1
    np.testing.assert_array_equal(first.predict_proba(NEW), second.predict_proba(NEW))
    assert (third.predict_proba(NEW) != first.predict_proba(NEW)).any()
    plain = model(1.0).set_params(memory=None).fit(X, Y)
    np.testing.assert_array_equal(first.predict_proba(NEW), plain.predict_proba(NEW))
    assert Counting.calls == 2
    cached = model(1.0).fit(X, 1 - Y)
    assert Counting.calls == 3
    np.testing.assert_allclose(cached.predict_proba(NEW)[:, ::-1], first.predict_proba(NEW), 1e-5)


def test_memory_leaves_the_given_steps_alone(tmp_path):
    scale, sampler = StandardScaler(), RandomUnderSampler(random_state=0)
    model = make_pipeline(scale, sampler, Weighed(), memory=str(tmp_path))
    model.fit(X, Y, weighed__sample_weight=WEIGHT)
    assert not hasattr(scale, "mean_") and hasattr(model[0], "mean_")
    assert not hasattr(sampler, "sample_indices_")
    np.testing.assert_array_equal(model[-1].weight_, WEIGHT[model[1].sample_indices_])
    # the weights are part of what is kept
    model.fit(X, Y, weighed__sample_weight=WEIGHT + 1)
    np.testing.assert_array_equal(model[-1].weight_, WEIGHT[model[1].sample_indices_] + 1)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_flow_through(kind):
    frame = {"pandas": pd.DataFrame, "polars": pl.DataFrame}[kind](
        dict(zip("abcdef", X.T, strict=True))
    )
    model = make_pipeline(StandardScaler(), Carrying(), SelectKBest(k=3))
    rows, labels = model.set_output(transform=kind).fit_resample(frame, Y)
    assert type(rows) is type(frame) is type(model.transform(frame))
    assert len(rows) == len(labels) == 80
    assert list(rows.columns) == model.get_feature_names_out().tolist()
    if kind == "pandas":  # older versions of scikit-learn read no names from polars
        assert model.feature_names_in_.tolist() == list("abcdef")


def test_slices_clones_and_pickles():
    model = Pipeline(clone(Pipeline(FLAT)).steps, verbose=False).fit(X, Y)
    assert type(model[:2]) is Pipeline and len(model[:2]) == 2
    assert model["smote"] is model[1] is model.named_steps["smote"] is model.named_steps.smote
    assert model[1:3].steps == model.steps[1:3]
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(NEW), model.predict_proba(NEW))
    fresh = clone(model)
    assert [name for name, _ in fresh.steps] == [name for name, _ in FLAT]
    np.testing.assert_array_equal(fresh.fit(X, Y).predict(NEW), model.predict(NEW))
    assert model.set_params(smote__k_neighbors=3)["smote"].k_neighbors == 3
    assert "SMOTE" in model._repr_html_() and "smote" in repr(model)


def test_fitting_changes_no_argument_and_survives_a_failure():
    model = Pipeline(clone(Pipeline(FLAT)).steps)
    given, before = list(model.steps), pickle.dumps((X, Y))
    model.fit(X, Y)
    assert model.steps == given and pickle.dumps((X, Y)) == before
    with pytest.raises(ValueError):
        model.set_params(smote__k_neighbors=1000).fit(X, Y)
    assert model.steps == given


@pytest.mark.filterwarnings("ignore:This Pipeline instance is not fitted:FutureWarning")
def test_unfitted_pipelines_say_so():
    for method in SERVING:
        with pytest.raises(NotFittedError):
            getattr(make_pipeline(StandardScaler(), SMOTE(), logistic()), method)(NEW)
    with pytest.raises(NotFittedError):
        make_pipeline(StandardScaler(), SMOTE()).transform(NEW)


def test_searches_reach_the_sampler():
    model = Pipeline([("sampler", SMOTE(random_state=0)), ("lr", logistic())])
    grid = [
        {"sampler__k_neighbors": [1, 3, 5]},
        {"sampler": ["passthrough", None, RandomUnderSampler(random_state=0)]},
        {"sampler": [make_pipeline(StandardScaler(), SMOTE(random_state=0))]},
    ]
    ours = GridSearchCV(model, grid, cv=3, scoring="average_precision").fit(X, Y)
    other = GridSearchCV(
        imb.Pipeline(model.steps), grid[:2], cv=3, scoring="average_precision"
    ).fit(X, Y)
    np.testing.assert_array_equal(
        ours.cv_results_["mean_test_score"][:6], other.cv_results_["mean_test_score"]
    )
    assert np.isfinite(ours.cv_results_["mean_test_score"]).all()


def test_the_rest_of_scikit_learn_takes_it():
    model = make_pipeline(StandardScaler(), SMOTE(random_state=0), logistic())
    other = imb.make_pipeline(StandardScaler(), SMOTE(random_state=0), logistic())
    for scoring in ("roc_auc", "neg_brier_score"):
        found = cross_validate(model, X, Y, cv=3, scoring=scoring)["test_score"]
        known = cross_validate(other, X, Y, cv=3, scoring=scoring)["test_score"]
        np.testing.assert_array_equal(found, known)
    calibrated = CalibratedClassifierCV(model, cv=3).fit(X, Y)
    known = CalibratedClassifierCV(other, cv=3).fit(X, Y)
    np.testing.assert_array_equal(calibrated.predict_proba(NEW), known.predict_proba(NEW))
    outside = sk.make_pipeline(FunctionTransformer(), model).fit(X, Y)
    np.testing.assert_array_equal(outside.predict_proba(NEW), model.predict_proba(NEW))


class KeepsAll(BaseEstimator):
    """A sampler that changes nothing, so that scikit-learn's checks hold as they are."""

    def fit(self, X, y):
        return self

    def fit_resample(self, X, y, **aligned):
        return X, y, *aligned.values()


@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks_hold():
    known = {
        check["check_name"]
        for check in check_estimator(sk.make_pipeline(StandardScaler(), logistic()), on_fail=None)
        if check["status"] == "failed"
    }
    results = check_estimator(make_pipeline(StandardScaler(), KeepsAll(), logistic()), on_fail=None)
    failed = {check["check_name"] for check in results if check["status"] == "failed"}
    assert len(results) > 40
    assert failed <= known, failed - known


def test_callbacks_see_every_step():
    callbacks = pytest.importorskip("sklearn.callback")
    seen = []

    class Watch:
        def setup(self, estimator, context):
            seen.append("setup")

        def teardown(self, estimator, context):
            seen.append("teardown")

        def on_fit_task_begin(self, estimator, context):
            seen.append(context.task_name)

        def on_fit_task_end(self, estimator, context):
            pass

    assert isinstance(Watch(), callbacks.FitCallback)
    model = make_pipeline(StandardScaler(), SMOTE(random_state=0), logistic())
    model.set_callbacks(Watch()).fit(X, Y)
    assert seen == [
        "setup",
        "fit",
        "fit-transform-standardscaler",
        "fit-transform-smote",
        "fit-final-estimator",
        "teardown",
    ]


def test_verbose_times_every_step(capsys):
    make_pipeline(StandardScaler(), SMOTE(random_state=0), logistic(), verbose=True).fit(X, Y)
    said = capsys.readouterr().out
    assert re.findall(r"\(step (\d) of 3\) Processing (\w+)", said) == [
        ("1", "standardscaler"),
        ("2", "smote"),
        ("3", "logisticregression"),
    ]


def test_tags_are_those_of_the_ends():
    tags = make_pipeline(StandardScaler(), SMOTE(), logistic()).__sklearn_tags__()
    assert tags.estimator_type == "classifier"
    assert sklearn.base.is_classifier(make_pipeline(Bare(), logistic()))


# Errors


class Both(TransformerMixin, Carrying):
    def transform(self, X):
        return X


@pytest.mark.parametrize(
    "steps, error, text",
    [
        ([], ParameterError, "The pipeline is empty"),
        ([logistic()], ParameterTypeError, "list of"),
        ([("a", PCA()), ("a", logistic())], ParameterError, "'a' is twice"),
        ([("a__b", PCA()), ("c", logistic())], ParameterError, "cannot be called 'a__b'"),
        ([("memory", PCA()), ("c", logistic())], ParameterError, "cannot be called 'memory'"),
        ([("a", PCA), ("c", logistic())], ParameterTypeError, r"step 'a' is the class PCA"),
        ([("a", logistic()), ("c", logistic())], ParameterTypeError, "step 'a' .*not the last one"),
        ([("a", Both()), ("c", logistic())], ParameterTypeError, "step 'a' .*both fit_resample"),
        ([("a", SMOTE()), ("c", object())], ParameterTypeError, "step 'c' .*neither fit"),
        ([("a", SMOTE()), ("c", "pasthrough")], ParameterTypeError, "Did you mean 'passthrough'"),
        (
            [("a", make_pipeline(SMOTE(), logistic())), ("c", logistic())],
            ParameterTypeError,
            "step 'a' .*not the last one",
        ),
    ],
)
def test_wrong_steps_are_named(steps, error, text):
    with pytest.raises(error, match=text):
        Pipeline(steps).fit(X, Y)


def test_malformed_steps_do_not_break_hasattr():
    for steps in ([logistic()], [], 3, None, [("a", PCA(), 1)]):
        for method in ("predict", "fit_resample", "fit_transform", "transform", "fit_predict"):
            assert hasattr(Pipeline(steps), method) in (True, False)


def test_a_failing_step_is_named():
    model = make_pipeline(make_pipeline(PCA(), SMOTE(k_neighbors=500)), logistic())
    with pytest.raises(ValueError, match="n_neighbors") as caught:
        model.fit(X, Y)
    assert caught.value.__notes__ == [
        "This happened in step 'smote' of the pipeline.",
        "This happened in step 'pipeline' of the pipeline.",
    ]
