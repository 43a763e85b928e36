"""The study in Python: any table in, a result out, the same as on the command line."""

import shutil
import tomllib

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier
from stores import opened

import rarebird
from rarebird._errors import DataError, ParameterError, StoreError
from rarebird.study import Study, load_model
from rarebird.study.prepare import prepare

WITH = {"treatments": ["class-weights"]}


@pytest.fixture
def ran(table, small_schedule):
    """A study in memory."""
    return Study(**WITH).run(table(), target="bad")


def test_a_study_in_memory_leaves_no_file(tmp_path, monkeypatch, table, small_schedule):
    monkeypatch.chdir(tmp_path)
    result = rarebird.Study(**WITH).run(table(), target="bad")
    assert list(tmp_path.iterdir()) == []
    assert result.folder is None
    assert result.verdict["nothing_helps"] is True
    assert len(result.cells) == 6
    assert set(result.sentences()) == {
        "unfinished", "headline", "lede", "worth", "what_to_do", "which_model", "treatments",
        "cost_and_catch", "how_sure",
    }  # fmt: skip
    page = result._repr_html_()
    assert "<script" in page or "<div" in page or "<iframe" in page
    assert result.sentences()["headline"] in result.html()


@pytest.mark.parametrize("kind", ["pandas", "lazy", "dict", "arrow", "path"])
def test_every_kind_of_table_gives_the_same_verdict(tmp_path, table, small_schedule, ran, kind):
    frame = table()
    path = tmp_path / "t.parquet"
    frame.write_parquet(path)
    given = {
        "pandas": lambda: frame.to_pandas(),
        "lazy": lambda: frame.lazy(),
        "dict": lambda: frame.to_dict(as_series=False),
        "arrow": lambda: frame.to_arrow(),
        "path": lambda: path,
    }[kind]()
    assert Study(**WITH).run(given, "bad").verdict == ran.verdict


def test_the_caller_s_table_is_not_changed(table, small_schedule):
    frame = table().to_pandas()
    before = frame.copy(deep=True)
    Study(**WITH).run(frame, "bad")
    pd.testing.assert_frame_equal(frame, before)


def test_a_global_seed_changes_nothing(table, small_schedule, ran):
    np.random.seed(7)  # noqa: NPY002 (what a notebook may have done)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    assert Study(**WITH).run(table(), "bad").verdict == ran.verdict
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_another_seed_is_another_study(table, small_schedule, ran):
    assert Study(**WITH, seed=1).run(table(), "bad").verdict["test"] != ran.verdict["test"]


def test_the_test_set_reaches_nothing_that_is_measured(table, small_schedule):
    """Rows of the test set may say what they will: choice and measured model are the same."""
    frame = table()
    ran = Study(**WITH, keep_test=True).run(frame, target="bad")
    ready = prepare(frame, "bad")
    held = np.zeros(len(frame), dtype=bool)
    held[ready.test] = True
    changed = frame.with_columns(
        amount=pl.when(pl.Series(held)).then(pl.col("amount") * -1.0).otherwise("amount")
    )
    again = Study(**WITH, keep_test=True).run(changed, "bad")
    assert again.model.decision.threshold_ == ran.model.decision.threshold_
    rest = frame.drop("bad")
    np.testing.assert_array_equal(again.model.predict_proba(rest), ran.model.predict_proba(rest))
    assert again.verdict["test"]["value"] < ran.verdict["test"]["value"]
    for one, other in zip(ran.cells, again.cells, strict=True):
        assert one["value"] == other["value"]


def test_the_folder_holds_what_is_promised(finished):
    names = {path.name for path in finished.iterdir()}
    assert names == {
        "report.html", "model.skops", "manifest.json", "results.parquet", "study.toml",
        "verdict.json", "store",
    }  # fmt: skip
    cells = pl.read_parquet(finished / "results.parquet")
    with opened(finished) as store:
        assert len(cells) == len(store.done()) > 0
    for name, dtype in {
        "candidate": pl.String, "repeat": pl.Int64, "fold": pl.Int64, "n_train": pl.Int64,
        "n_test": pl.Int64, "status": pl.String, "value": pl.Float64, "setting": pl.String,
        "seconds": pl.Float64, "size_mb": pl.Float64,
    }.items():  # fmt: skip
        assert cells[name].dtype == dtype, name
    assert (cells["n_train"] + cells["n_test"] == 192).all()
    page = (finished / "report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_the_study_file_says_all_that_was_stated(tmp_path, monkeypatch, cli, table, small_schedule):
    monkeypatch.chdir(tmp_path)
    table().with_columns(who=pl.int_range(240)).write_csv("t.csv")
    table(seed=1).with_columns(who=pl.int_range(240)).write_csv("new.csv")
    args = ("study", "t.csv", "-t", "bad", "-q", "--treatments", "class-weights", "--cost",
            "fp=1,fn=9", "--positive", "yes", "--group", "who", "--test", "new.csv", "--seed", "3",
            "--time-budget", "2m", "--quick", "--out", "out")  # fmt: skip
    assert cli(*args) == (0, "", "")
    stored = tomllib.loads((tmp_path / "out/study.toml").read_text())
    assert len(stored.pop("data_hash")) > 20
    assert stored == {
        "file": "../t.csv", "test": "../new.csv", "target": "bad",
        "cost": "fp=1,fn=9", "positive": "yes", "group": "who", "quick": True,
        "time_budget": 120.0, "seed": 3, "treatments": ["class-weights"],
    }  # fmt: skip
    before = (tmp_path / "out/verdict.json").read_bytes()
    monkeypatch.chdir("/")
    assert cli("study", tmp_path / "out/study.toml", "-q") == (0, "", "")
    assert (tmp_path / "out/verdict.json").read_bytes() == before


def test_a_study_file_makes_a_new_folder_like_the_old(tmp_path, finished, cli, small_schedule):
    assert cli("study", finished / "study.toml", "-q", "--out", tmp_path / "new") == (0, "", "")
    assert (tmp_path / "new/verdict.json").read_bytes() == (finished / "verdict.json").read_bytes()


def test_a_study_of_a_table_in_memory_cannot_be_run_from_its_file(
    tmp_path, table, small_schedule, refused
):
    Study(**WITH, out=tmp_path / "out").run(table(), "bad")
    refused("study", tmp_path / "out/study.toml", "-q", words="in memory")


def test_an_example_runs_again_from_its_file(tmp_path, monkeypatch, cli, small_schedule):
    monkeypatch.chdir(tmp_path)
    args = ("study", "--example", "breast-cancer", "-q", "--treatments", "class-weights")
    assert cli(*args) == (0, "", "")
    before = (tmp_path / "rarebird-study-breast-cancer/verdict.json").read_bytes()
    assert cli("study", "rarebird-study-breast-cancer/study.toml", "-q") == (0, "", "")
    assert (tmp_path / "rarebird-study-breast-cancer/verdict.json").read_bytes() == before


def test_the_model_in_the_folder_is_the_model_of_the_result(tmp_path, table, small_schedule):
    result = Study(**WITH, out=tmp_path / "out").run(table(), "bad")
    frame = table(n=30, seed=8).drop("bad")
    np.testing.assert_allclose(
        load_model(tmp_path / "out").predict_proba(frame), result.model.predict_proba(frame)
    )


def test_a_matrix_and_a_dict_of_costs_are_the_same_goal(table, small_schedule):
    verdicts = [
        Study(**WITH, cost=cost).run(table(), "bad").verdict
        for cost in ("fp=1,fn=9", {"fp": 1, "fn": 9}, np.array([[0.0, 9.0], [1.0, 0.0]]))
    ]
    assert verdicts[0] == verdicts[1] == verdicts[2]


def test_labels_may_be_named_as_they_are(table, small_schedule):
    frame = table(labels=(1, 0))
    assert Study(**WITH).run(frame, "bad").verdict["classes"] == ["1", "0"]
    other = Study(**WITH, positive=1)
    assert other.options()["positive"] == 1
    assert Study(positive=0).options()["positive"] == 0
    assert other.run(frame, "bad").verdict["classes"] == ["0", "1"]


def test_only_the_baseline(table, small_schedule):
    result = Study(treatments=[]).run(table(), "bad")
    assert result.chosen is None and result.verdict["nothing_helps"]
    assert [row.name for row in result.report.candidates] == ["baseline"]
    result.html()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"seed": -1}, ParameterError),
        ({"seed": 1.5}, ParameterError),
        ({"seed": None}, ParameterError),
        ({"n_jobs": 0}, ParameterError),
        ({"time_budget": 1}, ParameterError),
        ({"time_budget": "soon"}, ParameterError),
        ({"objective": "accuracy of some kind"}, ParameterError),
        ({"min_recall": 0}, ParameterError),
        ({"alert_budget": 0}, ParameterError),
        ({"treatments": ["nothin"]}, ParameterError),
        ({"cost": [[0, 1]]}, ParameterError),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_done(tmp_path, table, wrong, error):
    with pytest.raises(error):
        Study(**wrong, out=tmp_path / "out").run(table(), "bad")
    assert not (tmp_path / "out").exists()


def test_errors_are_those_of_the_field(tmp_path, table):
    with pytest.raises(ValueError, match="Did you mean 'bad'"):
        Study().run(table(), "bat")
    with pytest.raises(DataError):
        Study().run(table().head(0), "bad")
    with pytest.raises(TypeError):
        Study().run(3, "bad")
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StoreError):
        Study(out=tmp_path / "out").run(table(), "bad")


def test_progress_is_told_stage_by_stage(table, small_schedule):
    seen = []
    Study(**WITH, progress=lambda *step: seen.append(step)).run(table(), "bad")
    stages = list(dict.fromkeys(stage for stage, _, _ in seen))
    assert stages[0] == "reading" and stages[-1] == "done"
    assert all(0 <= done <= total for _, done, total in seen)


def test_a_treatment_that_cannot_be_applied_is_shown_as_such_with_its_reason(
    small_schedule, table, tmp_path
):
    far = table(gain=1000.0)  # no rare row has a common neighbour, so none is in danger
    study = Study(treatments=["borderline-smote"], out=tmp_path / "out", n_jobs=1)
    result = study.run(far, target="bad")
    row = next(r for r in result.report.candidates if r.name == "borderline-smote")
    assert row.status.startswith(
        "not applicable: ResampledClassifier: BorderlineSMOTE could not be applied: it made no"
    )
    assert row.value is None and result.chosen is None
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "BorderlineSMOTE could not be applied" in page
    assert "could be compared" in result.sentences()["lede"]


def test_a_study_file_reproduces_elsewhere_and_knows_its_table(
    tmp_path, finished, cli, refused, small_schedule
):
    """The folder and its table are moved together, as to another machine."""
    shutil.copytree(finished, tmp_path / "out")
    shutil.copy(finished.parent / "t.csv", tmp_path / "t.csv")
    new = tmp_path / "new"
    assert cli("study", tmp_path / "out/study.toml", "-q", "--out", new) == (0, "", "")
    for name in ("verdict.json", "manifest.json"):
        assert (new / name).read_bytes() == (finished / name).read_bytes()
    text = (tmp_path / "t.csv").read_text().replace("yes", "no", 1)
    (tmp_path / "t.csv").write_text(text)
    refused("study", tmp_path / "out/study.toml", "-q", words=["not the table", "data_hash"])


def test_learners_of_the_users_are_compared_and_shipped(table, small_schedule):
    mine = make_pipeline(SimpleImputer(), DecisionTreeClassifier(max_depth=2))
    result = Study(learners=[mine], treatments=[]).run(table(), "bad")
    assert result.verdict["shipped"]["parts"][0]["learner"] == "Pipeline"
    assert result.model.predict_proba(table(n=20, seed=5).drop("bad")).shape == (20, 2)
    for wrong, words in [(["lightgmb"], "Did you mean 'lightgbm'"), ([DecisionTreeClassifier],
                         "unfitted classifier"), ([], "one learner")]:  # fmt: skip
        with pytest.raises(ParameterError, match=words):
            Study(learners=wrong)
    with pytest.raises(ParameterError, match="two learners are called 'Pipeline'"):
        Study(learners=[mine, mine]).run(table(), "bad")


def test_one_refitted_model_on_request(table, small_schedule):
    shipped = Study(single=True, treatments=[]).run(table(), "bad")
    assert shipped.verdict["shipped"]["models"] == 1
    assert len(shipped.model.model.estimator_.estimators) == 1
    several = Study(treatments=[]).run(table(), "bad")
    assert len(several.model.model.estimator_.estimators) == several.verdict["shipped"]["models"]
