"""Trees as arrays: equal predictions to the bit, and nothing altered reaches LightGBM."""

import copy
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rarebird._compat import lightgbm
from rarebird._errors import ModelFileError
from rarebird.estimators import BoostedTrees, trees

lgb = lightgbm()
pytestmark = pytest.mark.skipif(lgb is None, reason="LightGBM cannot be loaded here")


def table(kind: str):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4))
    y = (X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=400) > 0.5).astype(int)
    categorical = ()
    if kind == "multiclass":
        y = np.digitize(X[:, 0] + 0.3 * rng.normal(size=400), [-0.5, 1.0])
    if kind in ("categorical", "everything"):
        X[:, 3] = 13 * rng.integers(0, 6, size=400)  # up to 65: three words of 32 bits
        X[:, 1] = rng.integers(0, 3, size=400)
        y = ((X[:, 3] % 2 == 1) ^ (X[:, 0] > 0)).astype(int)
        categorical = (1, 3)
    if kind in ("missing", "everything"):
        X[rng.random(X.shape) < 0.2] = np.nan
    if kind == "single-leaf":
        X, y = X[:8], np.array([0, 1] * 4)
    if kind == "zeros":
        X[rng.random(X.shape) < 0.5] = 0.0
    if kind == "wide-range":
        X *= 10.0 ** rng.integers(-200, 200, size=4)
    return X, y, categorical


KINDS = (
    "binary",
    "multiclass",
    "categorical",
    "missing",
    "everything",
    "single-leaf",
    "zeros",
    "wide-range",
)


def fitted(kind: str) -> tuple[BoostedTrees, np.ndarray]:
    X, y, categorical = table(kind)
    model = BoostedTrees(n_estimators=8, min_child_samples=5, categorical=categorical)
    unseen = np.concatenate([X, X * 1.7 + 0.1, np.full((1, 4), np.nan), np.full((1, 4), 1e6)])
    return model.fit(X, y), unseen


@pytest.mark.parametrize("kind", KINDS)
def test_the_arrays_predict_what_lightgbm_predicts(kind):
    model, X = fitted(kind)
    arrays = trees.from_text(model.booster_.model_to_string())
    again = trees.to_booster(arrays)
    for raw in (False, True):
        np.testing.assert_array_equal(
            again.predict(X, raw_score=raw), model.booster_.predict(X, raw_score=raw)
        )
    if kind == "single-leaf":
        assert arrays["leaves"].max() == 1
    if kind in ("categorical", "everything"):
        assert arrays["cats"].sum() > 3 and arrays["cat_words"].max() > 1


@pytest.mark.parametrize("kind", KINDS)
def test_text_of_arrays_of_text_is_the_same_text(kind):
    model, _ = fitted(kind)
    arrays = trees.from_text(model.booster_.model_to_string())
    text = trees.to_text(arrays)
    again = trees.from_text(text)
    assert again.keys() == arrays.keys()
    for key, values in arrays.items():
        np.testing.assert_array_equal(again[key], values)
        assert again[key].dtype == values.dtype
    assert trees.to_text(again) == text


@pytest.mark.parametrize("kind", ["binary", "multiclass", "everything", "single-leaf"])
def test_a_pickled_model_predicts_the_same_and_pickles_again(kind):
    model, X = fitted(kind)
    once = pickle.loads(pickle.dumps(model))
    assert once.booster_ is None  # nothing but checked arrays was kept
    twice = pickle.loads(pickle.dumps(once))
    np.testing.assert_array_equal(once.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(twice.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(once)).predict_proba(X), model.predict_proba(X)
    )


def everything() -> dict[str, np.ndarray]:
    model, _ = fitted("everything")
    return trees.from_text(model.booster_.model_to_string())


def test_whole_arrays_pass_the_check():
    trees.check(everything())


def _set(key, place, value):
    def change(arrays):
        arrays[key][place] = value

    return change


def _replace(key, make):
    def change(arrays):
        arrays[key] = make(arrays[key])

    return change


def _first_categorical(arrays):
    arrays["threshold"][np.flatnonzero(arrays["decision_type"] & 1)[0]] = 10_000


def _overflowing_edges(arrays):
    """Five edges whose differences wrap around in 32 bits and then look like growth."""
    arrays["leaves"], arrays["cats"] = np.int32([6]), np.int32([4])
    arrays["cat_words"] = np.int32([7])
    arrays["split_feature"] = np.zeros(5, np.int32)
    arrays["threshold"] = np.float64([0, 1, 2, 3, 0])
    arrays["decision_type"] = np.int8([1, 1, 1, 1, 1])
    arrays["left_child"] = np.int32([1, 2, 3, 4, -1])
    arrays["right_child"] = np.int32([-2, -3, -4, -5, -6])
    arrays["leaf_value"] = np.zeros(6)
    arrays["cat_threshold"] = np.ones(7, np.uint32)
    arrays["cat_boundaries"] = np.int32([0, 5, -(2**31), -1, 7])


DAMAGE = {
    "a field is missing": lambda a: a.pop("threshold"),
    "a field too many": lambda a: a.update(more=np.zeros(1)),
    "a field is a list": lambda a: a.update(leaf_value=[1.0]),
    "a field has two dimensions": _replace("leaf_value", lambda v: v[:, None]),
    "a column beyond the last": _set("split_feature", 0, 4),
    "a negative column": _set("split_feature", 3, -1),
    "a child beyond the last": _set("left_child", 0, 10_000),
    "a node is its own child": _set("left_child", 0, 0),
    "a leaf beyond the last": _set("right_child", 0, -10_000),
    "a leaf twice": _set("left_child", -1, -1),
    "a leaf is nan": _set("leaf_value", 0, np.nan),
    "a leaf is infinite": _set("leaf_value", 0, np.inf),
    "a leaf is huge": _set("leaf_value", 0, 1e308),
    "a threshold is nan": _set("threshold", 0, np.nan),
    "a threshold is infinite": _set("threshold", 0, -np.inf),
    "a split of no kind": _set("decision_type", 0, -1),
    "a split of unknown kind": _set("decision_type", 0, 13),
    "no leaves": _set("leaves", 0, 0),
    "leaves beyond all bounds": _set("leaves", 0, 2**31 - 1),
    "categories beyond all bounds": _set("cats", 0, 2**31 - 1),
    "negative categories": _set("cats", 0, -1),
    "negative words": _set("cat_words", 0, -1),
    "words moved between trees": lambda a: a["cat_words"].__setitem__(
        slice(0, 2), np.add(a["cat_words"][:2], [1, -1])
    ),
    "edges out of order": _set("cat_boundaries", 1, 10_000),
    "the first edge is not 0": _set("cat_boundaries", 0, 1),
    "edges that overflow": _overflowing_edges,
    "a categorical split points nowhere": _first_categorical,
    "no columns": _set("shape", 1, 0),
    "columns beyond all bounds": _set("shape", 1, 2**31 - 1),
    "no classes": _set("shape", 0, 0),
    "classes that do not divide the trees": _set("shape", 0, 3),
    "three shapes": _replace("shape", lambda v: np.append(v, v[:1])),
    "no trees": lambda a: a.update({k: v[:0] for k, v in a.items() if k != "shape"}),
    "a tree less": _replace("leaves", lambda v: v[:-1]),
    "truncated leaves": _replace("leaf_value", lambda v: v[:-1]),
    "truncated splits": _replace("split_feature", lambda v: v[:-1]),
    "truncated words": _replace("cat_threshold", lambda v: v[:-1]),
    "truncated edges": _replace("cat_boundaries", lambda v: v[:-1]),
    "columns as fractions": _replace("split_feature", lambda v: v + 0.5),
    "leaves as fractions": _replace("leaves", lambda v: v.astype(float)),
    "leaves as whole numbers": _replace("leaf_value", lambda v: v.astype(int)),
    "text for numbers": _replace("threshold", lambda v: v.astype(str)),
    "objects for numbers": _replace("leaf_value", lambda v: v.astype(object)),
    "words as wider numbers": _replace("cat_threshold", lambda v: v.astype(np.int64) + 2**32),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_altered_arrays_are_refused(damage):
    arrays = copy.deepcopy(everything())
    DAMAGE[damage](arrays)
    with pytest.raises(ModelFileError, match="damaged"):
        trees.to_text(arrays)


@pytest.mark.parametrize("key", ["shape", "classes_", "n_features_in_"])
def test_trees_of_another_shape_than_the_model_are_refused(key):
    state = fitted("binary")[0].__getstate__()
    if key == "shape":  # two classes as two columns: half the trees for each
        state["trees_"]["shape"][0] = 2
    elif key == "classes_":
        state["classes_"] = np.arange(3)
    else:
        state["n_features_in_"] = 5
    with pytest.raises(ModelFileError, match="columns or classes"):
        BoostedTrees.__new__(BoostedTrees).__setstate__(state)


def test_a_model_of_two_classes_may_not_hold_a_loop():
    arrays = trees.from_text(fitted("binary")[0].booster_.model_to_string())
    n = int(arrays["leaves"][0]) - 1
    left, right = arrays["left_child"][:n], arrays["right_child"][:n]
    inner = [(side, i) for side in (left, right) for i in range(n) if side[i] > 0]
    a = next((side, i) for side, i in inner if side[i] == i + 1 and i + 1 < n)
    b = next((side, i) for side, i in inner if i > a[1] and side[i] > a[1] + 1)
    a[0][a[1]], b[0][b[1]] = b[0][b[1]], a[0][a[1]]  # the later node now leads to an earlier one
    with pytest.raises(ModelFileError, match=r"loop|do not form a tree"):
        trees.check(arrays)


WORKER = """
import json, sys
import numpy as np
from rarebird._errors import ModelFileError
from rarebird.estimators import BoostedTrees
base = {k: np.array(v, dtype=d) for k, (v, d) in json.loads(sys.stdin.readline()).items()}
X = np.array(json.loads(sys.stdin.readline()), dtype=float)
state = BoostedTrees().fit(np.zeros((4, X.shape[1])), [0, 1, 0, 1]).__getstate__()
for line in sys.stdin:
    arrays = {k: v.copy() for k, v in base.items()}
    for key, place, bits in json.loads(line):
        raw = arrays[key].view(np.uint8)
        raw[place % len(raw)] ^= bits
    try:
        model = BoostedTrees.__new__(BoostedTrees)
        model.__setstate__({**state, "trees_": arrays})
        found = model.predict_proba(X)
        answer = "finite" if np.all(np.isfinite(found)) else "not finite"
    except ModelFileError:
        answer = "refused"
    except Exception as error:
        answer = repr(error)
    print(answer, flush=True)
"""


class Loader:
    """A process of its own that loads altered arrays, so that an abort is seen and survived."""

    def __init__(self):
        self.seen: dict[str, int] = {}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        arrays = {k: (v.tolist(), str(v.dtype)) for k, v in everything().items()}
        X = np.nan_to_num(fitted("everything")[1][::20], nan=-1.0).tolist()
        self.process.stdin.write(json.dumps(arrays) + "\n" + json.dumps(X) + "\n")

    def load(self, flips):
        self.process.stdin.write(json.dumps(flips) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            code = self.process.wait()
            self.start()
            return f"the process ended with {code}"
        self.seen[answer] = self.seen.get(answer, 0) + 1
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture(scope="module")
def loader():
    found = Loader()
    yield found
    found.close()


KEYS = sorted({*trees._TREE, "leaves", "cats", "shape"})
FLIP = st.tuples(st.sampled_from([*KEYS, "cat_words"]), st.integers(0, 4000), st.integers(1, 255))


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(flips=st.lists(FLIP, min_size=1, max_size=3))
def test_flipped_bytes_are_refused_or_harmless(loader, flips):
    assert loader.load(flips) in ("refused", "finite")


def test_the_loader_sees_both_outcomes(loader):
    assert loader.load([["left_child", 0, 255]]) == "refused"
    assert loader.load([["leaf_value", 0, 1]]) == "finite"
