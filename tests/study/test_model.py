"""The model file: the same numbers in another process, and clear words for a bad one."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from rarebird import decide, load_model
from rarebird._errors import ModelFileError, ParameterError
from rarebird.decide import (
    AlertBudget,
    Argmax,
    BiasCorrectedTemperature,
    CostRule,
    DecidedClassifier,
    DecisionWeights,
    MinimumPrecision,
    MinimumRecall,
    OutOfFold,
    TunedThreshold,
    correct_prior,
)
from rarebird.ensemble import Forest
from rarebird.estimators import BoostedTrees, Logistic
from rarebird.study import StudyModel
from rarebird.study.candidates import Setting, all_candidates, baseline_arms, candidate
from rarebird.study.learners import default_learners
from rarebird.study.model_file import _PARTS, TRUSTED
from rarebird.study.splits import Design

RNG = np.random.default_rng(0)
N = 150
Y = np.repeat([0, 1], [110, 40])
X = np.column_stack([RNG.normal(size=N) + 1.5 * Y, RNG.normal(size=N), RNG.integers(0, 3, N)])
X[::9, 1] = np.nan
COLUMNS = [
    {"name": name, "kind": kind, "dtype": "Float64", "format": "", "levels": levels}
    for name, kind, levels in [
        ("amount", "numeric", []),
        ("age", "numeric", []),
        ("colour", "categorical", ["blue", "green", "red"]),
    ]
]
FRAME = pl.DataFrame(
    {"amount": X[:, 0], "age": X[:, 1], "colour": [COLUMNS[2]["levels"][int(c)] for c in X[:, 2]]}
)
BINARY = [
    TunedThreshold(n_boot=20), CostRule({"fp": 1, "fn": 9}), MinimumPrecision(0.5, n_boot=20),
    MinimumRecall(0.5, n_boot=20), AlertBudget("5/100"), AlertBudget(20),
]  # fmt: skip


def model_of(estimator, decision, y=Y):
    n_classes = int(y.max()) + 1
    proba = clone(estimator).fit(X, y).predict_proba(X)
    scores = OutOfFold(proba, y, np.arange(N) % 2)
    decided = DecidedClassifier(estimator, decision, calibrator=BiasCorrectedTemperature())
    return StudyModel(
        columns=COLUMNS,
        target="bad",
        classes=["no", "yes", "perhaps"][:n_classes],
        model=decided.fit(X, y, oof=scores).fitted(),
    )


def replace_model(model, other):
    parts = {"columns": model.columns, "target": model.target, "classes": model.classes}
    return StudyModel(**parts, model=other)


def every_setting():
    for tried in all_candidates():
        plain = [arm.setting for arm in baseline_arms(default_learners(2))]
        settings = (
            plain if tried.name == "baseline" else [s for p in plain for s in tried.settings(p)]
        )
        for setting in {s.learner: s for s in reversed(settings)}.values():
            yield pytest.param(tried, setting, id=f"{tried.name}-{setting.learner}")


@pytest.mark.parametrize(("tried", "setting"), list(every_setting()))
def test_every_candidate_comes_back_the_same(tmp_path, tried, setting):
    estimator = tried.build(setting, categorical=(2,), seed=0, threads=1, own={})
    model = model_of(estimator, TunedThreshold(n_boot=20))
    model.save(tmp_path / "model.skops")
    loaded = load_model(tmp_path)
    np.testing.assert_allclose(loaded.predict_proba(FRAME), model.predict_proba(FRAME), rtol=1e-12)
    assert loaded.predict(FRAME).tolist() == model.predict(FRAME).tolist()


@pytest.mark.parametrize("decision", BINARY, ids=lambda d: d.kind + type(d).__name__)
def test_every_decision_comes_back_the_same(tmp_path, decision):
    model = model_of(Logistic(categorical=(2,)), decision)
    model.save(tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert loaded.predict(FRAME).tolist() == model.predict(FRAME).tolist()
    assert loaded.decision.state() == model.decision.state()


@pytest.mark.parametrize("decision", [Argmax(), DecisionWeights("balanced-accuracy")])
def test_many_classes_come_back_the_same(tmp_path, decision):
    y = np.arange(N) % 3
    model = model_of(BoostedTrees(categorical=(2,), n_estimators=5), decision, y)
    model.save(tmp_path / "model.skops")
    loaded = load_model(tmp_path)
    assert loaded.predict(FRAME).tolist() == model.predict(FRAME).tolist()


def test_trees_without_lightgbm_come_back_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)
    model = model_of(BoostedTrees(categorical=(2,), n_estimators=5), TunedThreshold())
    model.save(tmp_path / "model.skops")
    loaded = load_model(tmp_path)
    np.testing.assert_allclose(loaded.predict_proba(FRAME), model.predict_proba(FRAME), rtol=1e-12)


def test_a_split_between_missing_and_all_other_values_comes_back_the_same(tmp_path, monkeypatch):
    """LightGBM writes its threshold as infinity."""
    amount = np.where(Y == 1, np.nan, X[:, 0])
    monkeypatch.setitem(globals(), "X", np.column_stack([amount, X[:, 1:]]))
    model = model_of(BoostedTrees(categorical=(2,), n_estimators=5), TunedThreshold())
    assert "inf" in model.model.estimator_.booster_.model_to_string()
    model.save(tmp_path / "model.skops")
    frame = FRAME.with_columns(amount=pl.Series(amount))
    found = load_model(tmp_path).predict_proba(frame)
    np.testing.assert_allclose(found, model.predict_proba(frame), rtol=1e-12)
    assert (found[:, 1] > 0.5).tolist() == (Y == 1).tolist()


def test_the_list_of_types_has_public_names_and_parts_that_models_hold(tmp_path, monkeypatch):
    seen = set()
    forest = candidate("balanced-random-forest").build(
        Setting("", {}, {"n_estimators": 2}), categorical=(2,), seed=0, threads=1, own={}
    )
    monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)
    without_lightgbm = BoostedTrees(categorical=(2,), n_estimators=2)
    mean = DecidedClassifier(Logistic(categorical=(2,)), Argmax(), cv=2, ensemble=True).fit(X, Y)
    models = [
        model_of(estimator, TunedThreshold(n_boot=20))
        for estimator in (
            Logistic(categorical=(2,)),
            Logistic(categorical=(2,), knots=3),
            forest,
            without_lightgbm,
        )
    ]
    for model in (*models, replace_model(models[0], mean.fitted())):
        model.save(tmp_path / "model.skops")
        seen |= set(skops.io.get_untrusted_types(file=tmp_path / "model.skops"))
    assert set(_PARTS) <= seen <= TRUSTED
    for name in TRUSTED:
        module, _, name = name.rpartition(".")
        assert isinstance(getattr(import_module(module), name), type)
        assert not module.startswith("rarebird.") or module.count(".") == 1


def test_a_model_whose_class_has_moved_still_loads(tmp_path, monkeypatch):
    model = model_of(Logistic(categorical=(2,)), TunedThreshold())
    model.save(tmp_path / "model.skops")
    moved = type("TunedThreshold", (TunedThreshold,), {"__module__": "rarebird.decide.elsewhere"})
    monkeypatch.delitem(sys.modules, "rarebird.decide.threshold")
    monkeypatch.setitem(sys.modules, "rarebird.decide.threshold", None)  # the file is gone
    monkeypatch.setattr(decide, "TunedThreshold", moved)  # as the folder's __getattr__ finds it
    loaded = load_model(tmp_path)
    assert type(loaded.decision) is moved
    assert loaded.predict(FRAME).tolist() == model.predict(FRAME).tolist()


def test_a_type_of_ours_that_is_not_public_is_refused_at_once(tmp_path):
    model = model_of(Logistic(categorical=(2,)), TunedThreshold())
    model.target = Design("group", np.arange(3))
    with pytest.raises(ModelFileError, match=r"splits\.Design cannot be saved"):
        model.save(tmp_path / "model.skops")
    assert not (tmp_path / "model.skops").exists()


def test_a_public_type_that_is_not_on_the_list_is_refused(tmp_path):
    from rarebird import ClassCounts

    model = model_of(Logistic(categorical=(2,)), TunedThreshold())
    model.target = ClassCounts.from_labels(Y)
    model.save(tmp_path / "model.skops")
    with pytest.raises(ModelFileError, match=r"rarebird\.counts\.ClassCounts"):
        load_model(tmp_path)


FRESH = """
import sys, numpy as np, polars as pl
from rarebird import load_model
model = load_model(sys.argv[1])
frame = pl.read_csv(sys.argv[2])
np.save(sys.argv[3], model.predict_proba(frame))
print(",".join(model.predict(frame)))
"""


def test_a_fresh_process_gives_the_same_probabilities(tmp_path, finished):
    model = load_model(finished)
    frame = pl.read_csv(finished.parent / "t.csv")
    answer = subprocess.run(
        [sys.executable, "-c", FRESH, finished, finished.parent / "t.csv", tmp_path / "p.npy"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    np.testing.assert_array_equal(np.load(tmp_path / "p.npy"), model.predict_proba(frame))
    assert answer.stdout.strip().split(",") == model.predict(frame).tolist()
    assert answer.stderr == ""


def test_the_manifest_describes_the_model(finished):
    manifest = json.loads((finished / "manifest.json").read_text())
    verdict = json.loads((finished / "verdict.json").read_text())
    content = (finished / "model.skops").read_bytes()
    assert manifest["model_sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["threshold"] == verdict["decision"]["threshold"]
    assert manifest["training_prior"] == list(verdict["prior"]["training"].values())
    assert manifest["classes"] == ["no", "yes"] and manifest["seed"] == 0
    assert [c["name"] for c in manifest["columns"]] == ["amount", "age", "colour"]
    assert {"python", "rarebird", "numpy", "scikit-learn", "lightgbm"} <= set(manifest["versions"])
    assert len(manifest["data_hash"]) == 64


# bad files


@pytest.fixture
def copy(tmp_path, finished):
    """A model and its manifest, to be harmed."""
    shutil.copy(finished / "model.skops", tmp_path)
    shutil.copy(finished / "manifest.json", tmp_path)
    return tmp_path / "model.skops"


def test_no_model(tmp_path, refused, finished):
    data = finished.parent / "t.csv"
    refused("predict", tmp_path / "gone.skops", data, words="no model file")
    refused("predict", tmp_path, data, words="no model file")
    refused("predict", finished / "modle.skops", data, words="Did you mean 'model.skops'")


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_truncated_model(copy, refused, finished, share, with_manifest):
    copy.write_bytes(copy.read_bytes()[: int(share * copy.stat().st_size)])
    if not with_manifest:
        copy.with_name("manifest.json").unlink()
    refused("predict", copy, finished.parent / "t.csv", words="model.skops")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text[:100],
        lambda text: text.replace('"model_sha256": "', '"model_sha256": "0'),
        lambda text: text.replace('"model_sha256"', '"sha"'),
    ],
)
def test_an_altered_manifest(copy, refused, finished, change):
    manifest = copy.with_name("manifest.json")
    manifest.write_text(change(manifest.read_text()))
    refused("predict", copy, finished.parent / "t.csv", words="manifest")


def test_one_altered_byte_does_not_fit_the_manifest(copy, refused, finished):
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    refused("predict", copy, finished.parent / "t.csv", words="altered")


def test_a_model_of_something_else(tmp_path, refused, finished):
    skops.io.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "model.skops")
    refused("predict", tmp_path, finished.parent / "t.csv", words="LogisticRegression")
    (tmp_path / "model.skops").write_bytes(b"PK\x05\x06" + bytes(18))  # an empty archive
    refused("predict", tmp_path, finished.parent / "t.csv", words="damaged")
    with zipfile.ZipFile(tmp_path / "model.skops", "w") as file:
        file.writestr("hello.txt", "hello")
    refused("predict", tmp_path, finished.parent / "t.csv", words="damaged")


class Custom(LogisticRegression):
    """A type that is on no list."""


def test_a_type_that_is_not_on_the_list(tmp_path, refused, finished):
    model = model_of(Logistic(categorical=(2,)), TunedThreshold())
    model.model.estimator_ = Custom().fit(np.nan_to_num(X), Y)
    model.save(tmp_path / "model.skops")
    refused("predict", tmp_path, finished.parent / "t.csv", words=["types", "Custom"])


BATCH = """
import io, json, random, sys, zipfile
import numpy as np, polars as pl
from rarebird import load_model
from rarebird._errors import RarebirdError
source, data, place, how = sys.argv[1:]
good = open(source, "rb").read()
frame = pl.read_csv(data)
rng = random.Random(how)
answers = {"refused": 0, "fine": 0}

def one_byte():
    content = bytearray(good)
    where = rng.randrange(len(content))
    content[where] ^= 1 << rng.randrange(8)
    return bytes(content), f"byte {where}"

def a_value(node):
    "Alter one value of a tree of dicts and lists, wherever it lies."
    spots = []
    def walk(node):
        for key in (node if isinstance(node, dict) else range(len(node))):
            spots.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])
    walk(node)
    node, key = rng.choice(spots)
    what = rng.choice([None, -1, 10**9, "x", [], {}, "gone", "1e308"])
    old = json.dumps(node[key])[:60]
    if what == "gone":
        del node[key]
    else:
        node[key] = what
    return f"{key}: {old} -> {what!r}"

def an_array(array):
    flat = array.copy().ravel()
    if not flat.size or rng.random() < 0.2:
        return flat[:-1]
    if flat.dtype.names:
        name = rng.choice(flat.dtype.names)
        flat[name][rng.randrange(len(flat))] = rng.choice([0, 1, 200])
        return flat
    spot = rng.randrange(flat.size)
    with np.errstate(all="ignore"):
        flat[spot] = np.array(rng.choice([-1, 10**6, 0, 1])).astype(flat.dtype)
    return flat.reshape(array.shape)

def a_part():
    "Alter the content of one member, and pack it well."
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = "schema.json" if rng.random() < 0.5 else rng.choice(names)
        said = chosen
        for name in names:
            body = old.read(name)
            if name == chosen and name == "schema.json":
                tree = json.loads(body)
                said += " " + a_value(tree)
                body = json.dumps(tree)
            elif name == chosen:
                buffer = io.BytesIO()
                np.save(buffer, an_array(np.load(io.BytesIO(body))))
                body = buffer.getvalue()
            new.writestr(name, body)
    return out.getvalue(), said

for _ in range(60):
    content, said = one_byte() if how == "bytes" else a_part()
    with open(place, "wb") as file:
        file.write(content)
    print(said, flush=True)
    try:
        model = load_model(place)
        assert model.predict(frame).shape == (len(frame),)
        answers["fine"] += 1
    except RarebirdError as error:
        assert len(str(error).splitlines()) == 1
        answers["refused"] += 1
print(json.dumps(answers))
"""


def batch(model, data, place, how):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BATCH, model, data, place, how],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, (run.returncode, run.stdout.splitlines()[-1:], run.stderr[-1500:])
    return json.loads(run.stdout.splitlines()[-1])


def test_60_altered_bytes_never_end_in_a_traceback_or_a_crash(tmp_path, finished):
    found = batch(
        finished / "model.skops", finished.parent / "t.csv", tmp_path / "model.skops", "bytes"
    )
    assert found["refused"] > 50, found


@pytest.mark.parametrize("kind", ["lightgbm", "forest", "logistic", "hist"])
def test_60_altered_contents_never_end_in_a_traceback_or_a_crash(
    tmp_path, monkeypatch, finished, kind
):
    """Packed well again, so that no checksum of the archive helps."""
    if kind == "hist":
        monkeypatch.setattr("rarebird.estimators.boosted_trees.lightgbm", lambda: None)
    estimator = {
        "logistic": lambda: Logistic(categorical=(2,)),
        "forest": lambda: Forest(n_estimators=3),
    }.get(kind, lambda: BoostedTrees(categorical=(2,), n_estimators=4))
    model_of(estimator(), TunedThreshold(n_boot=20)).save(tmp_path / "good.skops")
    found = batch(
        tmp_path / "good.skops", finished.parent / "t.csv", tmp_path / "model.skops", "parts"
    )
    assert found["refused"] > 10, found


# the prior


def test_another_prior_moves_probabilities_by_the_ratio_of_odds(finished):
    frame = pl.read_csv(finished.parent / "t.csv")
    before = load_model(finished).predict_proba(frame)
    model = load_model(finished).set_prior(0.01)
    after = model.predict_proba(frame)
    old = model.model.training_prior_[1]
    ratio = (0.01 / 0.99) / (old / (1 - old))
    odds = before[:, 1] / before[:, 0] * ratio
    np.testing.assert_allclose(after[:, 1], odds / (1 + odds), rtol=1e-9)
    assert "tuned again" in model.prior_note


def test_a_cost_rule_follows_and_a_tuned_threshold_is_tuned_again():
    cost = model_of(Logistic(categorical=(2,)), CostRule({"fp": 1, "fn": 9}))
    threshold = cost.decision.threshold_
    share = (cost.predict(FRAME) == "yes").mean()
    cost.set_prior(0.02)
    assert cost.decision.threshold_ == threshold
    assert (cost.predict(FRAME) == "yes").mean() < share
    assert "follows" in cost.prior_note
    tuned = model_of(Logistic(categorical=(2,)), TunedThreshold("f1"))
    before = tuned.decision.threshold_
    tuned.set_prior(0.02)
    assert tuned.decision.threshold_ != before
    weight = np.where(Y == 1, 0.02 / (40 / N), 0.98 / (110 / N))
    proba = correct_prior(tuned.model.oof_proba_, [110 / N, 40 / N], [0.98, 0.02])
    again = TunedThreshold("f1").fit(proba, tuned.model.oof_y_, weight[tuned.model.oof_rows_])
    assert tuned.decision.threshold_ == pytest.approx(again.threshold_)


def test_an_untuned_threshold_follows_the_share_and_says_so():
    model = model_of(Logistic(categorical=(2,)), TunedThreshold(min_positives=100))
    alerts = (model.predict(FRAME) == "yes").sum()
    model.set_prior(0.02)
    assert 0 < (model.predict(FRAME) == "yes").sum() < alerts
    assert "untuned" in model.prior_note


@pytest.mark.parametrize("prior", [0, 1, -0.1, float("nan"), {"no": 0.5}, {"no": 0.5, "yes": 0.6}])
def test_a_prior_that_makes_no_sense(finished, prior):
    with pytest.raises(ParameterError, match="prior"):
        load_model(finished).set_prior(prior)


def test_a_model_file_error_is_also_a_runtime_error(tmp_path):
    with pytest.raises(RuntimeError):
        load_model(tmp_path)
    assert issubclass(ModelFileError, RuntimeError)
