import pytest

from rarebird.study.report import words

NB = "\u00a0"


def test_a_remedy_is_named_with_its_gain(study):
    data = study("treatment")
    assert words.headline(data) == "Use “Under-sampling ensemble”: it beats the baseline."
    assert words.lede(data) == (
        "In cross-validation its average precision is 0.550, against 0.512 for the baseline, "
        "“LightGBM, untreated”."
    )


def test_nothing_helps_is_good_news(study):
    data = study("baseline")
    assert words.headline(data).startswith("Leave the data as they are")
    assert "None of the 6 alternatives compared does better" in words.lede(data)
    assert "good news" in words.lede(data)
    assert "nearest rival, “Under-sampling ensemble”, differs by +0.003" in words.how_sure(data)[0]


@pytest.mark.parametrize(("tried", "says"), [(0, "Nothing could"), (1, "The one alternative")])
def test_nothing_helps_among_few_candidates(study, tried, says):
    data = study("baseline")
    data["verdict"]["candidates_compared"] = tried
    assert words.lede(data).startswith(says)


def test_a_control_gives_the_credit_to_the_committee(study):
    data = study("multiclass")
    assert words.outcome_kind(data) == "control"
    assert words.headline(data) == (
        "Use “Unbalanced ensemble”: the ensemble helps, the balancing does not."
    )


def test_few_rows_say_how_many_more(study):
    data = study("few")
    assert words.headline(data) == f"There are too few “defect{NB}={NB}1” rows to choose a method."
    assert words.what_to_do(data) == [
        f"Collect or label about 45 more “defect{NB}={NB}1” rows, then run the same command again."
    ]
    assert words.how_sure(data) == []
    assert words.cost_and_catch(data) == []


def test_no_choice_says_why(study):
    data = study("treatment")
    data["verdict"]["chosen"] = None
    assert words.headline(data) == "The study makes no choice."
    data["objective"]["wish"] = {
        "kind": "alert-budget",
        "text": "x",
        "met": False,
        "why": "Too tight.",
    }
    assert words.lede(data) == "Too tight."


def test_what_it_catches_is_told_per_thousand(study):
    data = study("treatment")
    data["outcome"].update(
        n_positive=500, found=435, found_low=421, found_high=447.5, per_1000_alerts=12.2,
        precision=0.667, precision_low=None, precision_high=None,
    )  # fmt: skip
    data["words"] = {"rare": "frauds"}
    assert words.cost_and_catch(data) == [
        "Of 1,000 frauds it finds 870 [842, 895], at 12 alerts per 1,000 rows, 2 in 3 of them "
        "right.",
        "Mistakes then cost 161 per 1,000 rows, against 188 without any model.",
    ]


def test_few_positives_are_not_blown_up_to_a_thousand(study):
    data = study("treatment")
    data["outcome"].update(n_positive=41, found=33, found_low=27, found_high=37)
    assert words.cost_and_catch(data)[0].startswith("Of the 41 “fraud” rows it finds 33 [27, 37]")
    data["verdict"]["test"]["n_positive"] = 41
    assert "With 41 rare rows" in words.how_sure(data)[-1]


def test_no_alerts_claim_no_precision(study):
    data = study("treatment")
    data["outcome"].update(found=0, alerts=0, per_1000_alerts=0.0, precision=0.0)
    assert "right" not in words.cost_and_catch(data)[0]


def test_a_loss_says_that_lower_is_better(study):
    data = study("treatment")
    data["objective"].update(title="Brier score", greater_is_better=False)
    assert words.lede(data).endswith(", lower is better.")


def test_the_closest_rival_of_a_loss_is_the_lowest(study):
    data = study("baseline")
    data["objective"].update(title="Brier score", greater_is_better=False)
    assert "Random under-sampling" in words.how_sure(data)[0]


def test_how_sure_names_comparisons_level_and_both_test_values(study):
    lines = words.how_sure(study("treatment"))
    assert lines[0] == (
        "The paired difference to the baseline is +0.038 [+0.019, +0.059] (p = 0.002, allowing "
        "for 6 comparisons)."
    )
    assert "at most 1 in 100 times" in lines[1]
    assert "0.541 [0.482, 0.597]; the baseline reaches 0.509" in lines[2]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (
            {"kind": "cost", "text": "fn=50", "met": True},
            "The decision follows your costs (fn=50).",
        ),
        (
            {"kind": "min-recall", "text": "recall 0.8", "met": True},
            "Your wish (recall 0.8) is met.",
        ),
        (
            {"kind": "alert-budget", "text": "5 a day", "met": False, "why": "too few."},
            "Your wish (5 a day) cannot be met: too few.",
        ),
        (None, ""),
    ],
)
def test_a_wish_gets_an_answer(wish, says):
    assert words.wish_sentence({"objective": {"wish": wish}}) == says


def test_the_decision_is_told_with_its_interval(study):
    data = study("treatment")
    assert words.decision_sentence(data) == (
        f"Act where the probability of “fraud” is 0.137 or more (95{NB}% interval of the "
        "threshold: 0.10 to 0.18)."
    )
    data["verdict"]["decision"].update(
        describe="take the likelier class.", tuned=False, why="fewer than 50 rare rows", low=None
    )
    assert words.decision_sentence(data) == (
        "Take the likelier class; it was not tuned: fewer than 50 rare rows."
    )


def test_danger_comes_first(study):
    data = study("baseline")
    assert [c["code"] for c in words.dangers(data)] == ["RB005"]
    assert words.what_to_do(data)[0].startswith("First settle the warning")


def test_tuning_is_credited_to_no_remedy(study):
    data = study("treatment")
    line = words.tuning_gain(data)
    assert "+0.11 for “LightGBM, untreated” and +0.11 for “Under-sampling ensemble”." in line
    data["objective"].update(title="F2", objective="decision")
    assert "“Under-sampling ensemble” (in F2)." in words.tuning_gain(data)
    for row in data["candidates"]:
        row["tuned_gain"] = None
    assert words.tuning_gain(data) == ""


def test_who_is_rare(study):
    assert words.who_is_rare(study("treatment")) == (
        "961 of 40,061 rows are “fraud”, 1 in 42. The study learned from 673 of them and put 288 "
        "away untouched."
    )
    assert words.who_is_rare(study("multiclass")) == (
        "7 classes, from “normal” with 22,410 rows to “hole” with 17 rows."
    )


def test_only_the_verdict_is_needed():
    data = {"target": "y", "task": "binary", "positive": 1, "verdict": {}}
    for say in (words.headline, words.lede, words.decision_sentence, words.who_is_rare):
        assert isinstance(say(data), str)
    for say in (words.what_to_do, words.cost_and_catch, words.how_sure):
        assert isinstance(say(data), list)


def test_a_baseline_titled_doing_nothing_is_told_by_its_learner(study):
    data = study("baseline")
    data["candidates"][0].update(title="the baseline", config="lightgbm")
    assert "does better than the plain model (lightgbm) by more" in words.lede(data)
    assert "model.skops: the plain model (lightgbm), fitted" in words.what_to_do(data)[1]


def test_the_untouched_part_of_a_floor_is_told_by_what_it_reaches(study):
    data = study("treatment")
    data["objective"].update(name="recall@precision", title="recall at precision 0.9")
    data["verdict"]["test"]["metric"] = "recall"
    assert "its recall is 0.541" in words.how_sure(data)[-1]


def test_classes_that_are_not_assessed_are_named(study):
    data = study("multiclass")
    data["unassessed"] = ["hole", "crack"]
    assert words.not_assessed(data).endswith("kept for learning: “hole” and “crack”.")
    data["unassessed"] = [f"c{i}" for i in range(20)]
    assert words.not_assessed(data).endswith("and 8 more.")
