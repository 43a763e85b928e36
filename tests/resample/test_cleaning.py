"""The cleaning samplers and their combinations with SMOTE against imbalanced-learn 0.14."""

import numpy as np
import pandas as pd
import pytest
from imblearn import combine, over_sampling, under_sampling
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

import rarebird.resample as rr
from rarebird._errors import DataError, ParameterError

TABLES = {
    "two classes": (300, 4, [0.85], 2),
    "three": (500, 8, [0.7, 0.2, 0.1], 3),
    "wide": (900, 20, [0.9], 2),
    "four": (700, 12, [0.6, 0.2, 0.15, 0.05], 4),
}
SAMPLERS = [
    ("TomekLinks", {}),
    ("TomekLinks", {"sampling_strategy": "all"}),
    ("EditedNearestNeighbours", {}),
    ("EditedNearestNeighbours", {"kind_sel": "mode", "n_neighbors": 4}),
    ("EditedNearestNeighbours", {"sampling_strategy": [0, 1], "n_neighbors": 5}),
    ("EditedNearestNeighbours", {"n_neighbors": NearestNeighbors(n_neighbors=3)}),
    ("RepeatedEditedNearestNeighbours", {}),
    ("RepeatedEditedNearestNeighbours", {"kind_sel": "mode", "max_iter": 2}),
    ("AllKNN", {}),
    ("AllKNN", {"allow_minority": True, "n_neighbors": 4}),
    ("NeighbourhoodCleaningRule", {}),
    ("NeighbourhoodCleaningRule", {"threshold_cleaning": 2.0, "n_neighbors": 5}),
    ("OneSidedSelection", {"random_state": 1}),
    ("OneSidedSelection", {"random_state": 2, "n_seeds_S": 20, "n_neighbors": 3}),
    ("CondensedNearestNeighbour", {"random_state": 1}),
    ("CondensedNearestNeighbour", {"n_neighbors": KNeighborsClassifier(1), "random_state": 4}),
    ("SMOTEENN", {"random_state": 3}),
    ("SMOTETomek", {"random_state": 3}),
]


def table(name, seed):
    n, d, weights, n_classes = TABLES[name]
    return make_classification(
        n,
        d,
        n_informative=max(2, d - 3),
        n_redundant=0,
        n_classes=n_classes,
        n_clusters_per_class=1,
        weights=weights,
        flip_y=0.05,
        random_state=seed,
    )


def both(name, given):
    module = combine if hasattr(combine, name) else under_sampling
    return getattr(rr, name)(**given), getattr(module, name)(**given)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("where", TABLES)
@pytest.mark.parametrize(("name", "given"), SAMPLERS, ids=lambda v: str(v)[:40])
def test_the_rows_are_theirs(name, given, where, seed):
    X, y = table(where, seed)
    if name.startswith("Condensed"):
        X, y = X[:300], y[:300]  # theirs fits a model again for each row that joins
    ours, theirs = both(name, given)
    X_one, y_one = ours.fit_resample(X, y)
    X_two, y_two = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(y_one, y_two)
    np.testing.assert_array_equal(X_one, X_two)
    if hasattr(theirs, "sample_indices_"):
        np.testing.assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
    for attribute in ("n_iter_",):
        assert getattr(ours, attribute, None) == getattr(theirs, attribute, None)


@pytest.mark.parametrize(("name", "given"), SAMPLERS[:1] + SAMPLERS[2:3] + SAMPLERS[-2:])
def test_sparse_rows_and_frames_are_theirs(name, given):
    X, y = table("three", 5)
    ours, theirs = both(name, given)
    for kind in (sparse.csr_matrix(X), pd.DataFrame(X, columns=[f"x{i}" for i in range(8)])):
        X_one, _ = ours.fit_resample(kind, y)
        X_two, _ = theirs.fit_resample(kind, y)
        assert type(X_one) is type(X_two)
        if sparse.issparse(X_one):
            X_one, X_two = X_one.toarray(), X_two.toarray()
        np.testing.assert_array_equal(np.asarray(X_one), np.asarray(X_two))


def test_labels_that_are_not_0_to_c_give_the_rows_of_those_that_are():
    X, y = table("four", 2)
    codes, _ = both("NeighbourhoodCleaningRule", {})
    codes.fit_resample(X, y)
    for labels in (np.array([-3, 5, 7, 90])[y], np.array(["a", "bb", "c", "d"])[y]):
        ours, _ = both("NeighbourhoodCleaningRule", {})
        ours.fit_resample(X, labels)
        np.testing.assert_array_equal(ours.sample_indices_, codes.sample_indices_)


def test_another_smote_and_another_cleaner():
    X, y = table("two classes", 3)
    ours = rr.SMOTEENN(
        smote=rr.SMOTE(k_neighbors=2, random_state=5),
        enn=rr.EditedNearestNeighbours(sampling_strategy=[0], n_neighbors=1),
    )
    theirs = combine.SMOTEENN(
        smote=over_sampling.SMOTE(k_neighbors=2, random_state=5),
        enn=under_sampling.EditedNearestNeighbours(sampling_strategy=[0], n_neighbors=1),
    )
    np.testing.assert_array_equal(ours.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0])
    same = rr.SMOTEENN(smote=theirs.smote, enn=theirs.enn)  # as their documentation does
    np.testing.assert_array_equal(same.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0])
    with pytest.raises(
        ParameterError, match=r"smote=ADASYN\(\).*resampler of rarebird or imbalanc"
    ):
        rr.SMOTEENN(smote=over_sampling.ADASYN()).fit_resample(X, y)
    with pytest.raises(ParameterError, match="enn=TomekLinks"):
        rr.SMOTEENN(enn=under_sampling.TomekLinks()).fit_resample(X, y)
    more = type("SMOTE", (over_sampling.ADASYN,), {})()  # the name alone is not enough
    with pytest.raises(ParameterError, match="smote=SMOTE"):
        rr.SMOTETomek(smote=more).fit_resample(X, y)


@pytest.mark.parametrize(
    ("name", "given", "parts"),
    [
        ("SMOTEENN", {"random_state": 0}, ["smote_", "enn_"]),
        ("SMOTETomek", {"random_state": 0}, ["smote_", "tomek_"]),
        (
            "SMOTETomek",
            {"tomek": under_sampling.TomekLinks(), "smote": over_sampling.SMOTE(random_state=1)},
            ["smote_", "tomek_"],
        ),
        ("NeighbourhoodCleaningRule", {"n_neighbors": 4}, ["edited_nearest_neighbours_"]),
    ],
)
def test_the_parts_used_are_theirs(name, given, parts):
    X, y = table("three", 2)
    ours, theirs = both(name, given)
    np.testing.assert_array_equal(ours.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0])
    for part in parts:
        one, two = getattr(ours, part), getattr(theirs, part)
        assert one.get_params().items() >= two.get_params().items()
        assert one.sampling_strategy_ == two.sampling_strategy_
        if hasattr(two, "sample_indices_"):
            np.testing.assert_array_equal(one.sample_indices_, two.sample_indices_)
    assert all(getattr(ours, key) is value for key, value in given.items())


def test_lineage_goes_through_the_cleaning():
    X, y = table("two classes", 4)
    sampler = rr.SMOTEENN(random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    new = sampler.is_synthetic_
    assert 0 < new.sum() < len(new) < 2 * (y == 0).sum()
    one, two = X[sampler.parents_[new, 0]], X[sampler.parents_[new, 1]]
    low, high = np.minimum(one, two), np.maximum(one, two)
    assert np.all((X_new[new] >= low - 1e-9) & (X_new[new] <= high + 1e-9))
    np.testing.assert_array_equal(y_new[~new], y[sampler.sample_indices_[~new]])


def test_an_engine_is_used_and_recorded():
    X, y = table("wide", 0)
    plain = rr.EditedNearestNeighbours()
    plain.fit_resample(X, y)
    assert plain.plan_.notes == {}
    for name in ("exact", "sklearn"):
        other = rr.EditedNearestNeighbours(neighbors=name)
        other.fit_resample(X, y)
        np.testing.assert_array_equal(other.sample_indices_, plain.sample_indices_)
        assert other.plan_.notes["neighbors"] == name
    with pytest.raises(ParameterError, match="exakt"):
        rr.EditedNearestNeighbours(neighbors="exakt").fit_resample(X, y)


def test_too_few_rows_are_refused_by_name():
    X = np.arange(4.0)[:, None]
    for sampler in (rr.EditedNearestNeighbours(n_neighbors=4), rr.AllKNN(n_neighbors=5)):
        with pytest.raises(DataError, match=r"4 rows.*'yes' \(1 row\).*n_neighbors<=3"):
            sampler.fit_resample(X, np.array(["no", "no", "no", "yes"]))


def test_a_copy_that_has_gone_takes_its_neighbour_list_along():
    X = np.array([[2.0], [0.0], [1.0], [2.0], [2.0], [2.0]])
    y = np.array([1, 0, 0, 0, 1, 0])
    given = {"n_neighbors": 2, "sampling_strategy": "all", "allow_minority": True}
    ours, theirs = both("AllKNN", given)
    assert len(ours.fit_resample(X, y)[0]) == len(theirs.fit_resample(X, y)[0]) == 0


@pytest.mark.parametrize(
    "cleaner", [rr.RepeatedEditedNearestNeighbours(), rr.AllKNN(), rr.TomekLinks(), rr.NearMiss()]
)
def test_what_does_not_clean_in_one_pass_is_refused(cleaner):
    X, y = table("two classes", 0)
    with pytest.raises(ParameterError, match="EditedNearestNeighbours of rarebird"):
        rr.SMOTEENN(enn=cleaner).fit_resample(X, y)
