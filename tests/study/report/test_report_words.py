from dataclasses import replace

import pytest
from made_up import KINDS, one_class, within

from rarebird.study.goal import AtLeast, Budget, Minimise, RankBy
from rarebird.study.report import answers, words

NB = "\u00a0"


def with_goal(report, goal, **rule):
    decision = replace(report.verdict.decision, **rule)
    return replace(report, goal=goal, verdict=replace(report.verdict, decision=decision))


def test_few_rows_say_how_many_more(study):
    report = study("few")
    assert words.headline(report) == (f"There are too few “defect{NB}={NB}1” rows for a model.")
    assert words.what_to_do(report) == [
        f"Collect or label about 45 more “defect{NB}={NB}1” rows, then run the same command again."
    ]
    assert words.lede(report) == report.few.message
    assert words.how_sure(report) == words.cost_and_catch(report) == []


def test_what_it_catches_is_told_per_thousand(study):
    found = {"alerts": 146, "recall": within(0.87, 0.842, 0.895)}
    found["precision"] = within(0.667, float("nan"), float("nan"))
    report = one_class(study("treatment"), 500, found=found)
    assert words.cost_and_catch(report) == [
        "Of 1,000 “fraud” rows it finds 870 [842, 895], at 12 alerts per 1,000 rows, 2 in 3 of "
        "them right.",
        "Mistakes then cost 161 per 1,000 rows, against 188 without any model.",
    ]


def test_few_positives_are_not_blown_up_to_a_thousand(study):
    recall = within(33 / 41, 27 / 41, 37 / 41)
    report = one_class(study("treatment"), 41, found={"recall": recall})
    assert words.cost_and_catch(report)[0].startswith("Of the 41 “fraud” rows it finds 33 [27, 37]")
    assert "With 41 rare rows" in words.how_sure(report)[-1]


def test_no_alerts_claim_no_precision(study):
    found = {"found": 0, "alerts": 0, "precision": None}
    report = one_class(study("treatment"), 288, found=found)
    assert "right" not in words.cost_and_catch(report)[0]
    assert "at 0 alerts per 1,000 rows" in words.cost_and_catch(report)[0]


def test_a_loss_says_that_lower_is_better(study):
    report = replace(study("treatment"), goal=RankBy(rank_by="brier"))
    assert "its Brier score is" in words.lede(report)
    assert words.lede(report).endswith(", lower is better.")


def test_how_sure_is_what_the_test_set_says_with_its_level(study):
    assert words.how_sure(study("treatment")) == [
        "On the test set (12,000 rows, 278 of them “fraud”) the model's average precision is 0.541 "
        "[0.482, 0.597]; the baseline reaches 0.509 [0.449, 0.566].",
        "Brackets are 95% intervals (made up).",
    ]
    assert "baseline" not in words.how_sure(study("plain"))[0]


@pytest.mark.parametrize(
    ("goal", "rule", "says"),
    [
        (
            Minimise([[0, 50], [1, 0]], sentence="fn=50"),
            {},
            "The decision follows your costs (fn=50).",
        ),
        (
            AtLeast("recall", 0.8, sentence="recall 0.8"),
            {},
            "Your goal (recall 0.8) is met.",
        ),
        (
            Budget(0.01, sentence="5 a day"),
            {"met": False, "why": "too few."},
            "Your goal (5 a day) cannot be met: too few.",
        ),
        (RankBy(rank_by="ap"), {}, ""),
    ],
)
def test_a_goal_gets_an_answer(study, goal, rule, says):
    assert words.goal_sentence(with_goal(study("treatment"), goal, **rule)) == says


def test_the_decision_is_told_with_its_interval(study):
    report = study("treatment")
    assert words.decision_sentence(report) == (
        "Alert when the probability is at least 0.137 (95% interval of the threshold: 0.10 to "
        "0.18)."
    )
    rule = {"sentence": "take the likelier class.", "tuned": False, "threshold": None}
    rule["why"] = "fewer than 50 rare rows"
    assert words.decision_sentence(with_goal(report, report.goal, **rule)) == (
        "Take the likelier class; it was not tuned: fewer than 50 rare rows."
    )


def test_no_sentence_names_an_option_of_the_command_line(study):
    for kind in [kind for kind in KINDS if kind != "hostile"]:
        report = study(kind)
        told = [words.lede(report), *words.what_to_do(report), *words.how_sure(report)]
        told += [*answers.worth(report), *answers.which_model(report), *answers.treatments(report)]
        assert "--" not in " ".join(told)


def test_tuning_is_credited_to_no_treatment(study):
    report = study("treatment")
    line = words.tuning_gain(report)
    assert "+0.11 for the plain model (lightgbm) and +0.11 for “Under-sampling ensemble”." in line
    decided = replace(report, goal=RankBy(rank_by="f2"))
    assert "“Under-sampling ensemble” (in F2)." in words.tuning_gain(decided)
    rows = tuple(replace(row, tuned_gain=None) for row in report.candidates)
    assert words.tuning_gain(replace(report, candidates=rows)) == ""


def test_who_is_rare(study):
    assert words.who_is_rare(study("treatment")) == (
        "961 of 40,061 rows are “fraud”, 1 in 42. The training set has 673 of them, the test set "
        "288."
    )
    assert words.who_is_rare(study("multiclass")) == (
        "7 classes, from “normal” with 22,410 rows to “flake” with 17 rows."
    )


def test_of_many_classes_the_best_and_the_worst_are_told(study):
    report = study("multiclass")
    assert words.cost_and_catch(report) == [
        "It finds most of “normal” (96% of 6,723 rows) and least of “flake” (30% of 5 rows)."
    ]
    assert words.cost_and_catch(replace(report, per_class=())) == []


def test_the_test_set_of_a_constraint_is_told_by_what_it_reaches(study):
    report = replace(study("treatment"), goal=AtLeast("precision", 0.9))
    assert "the model's recall is 0.541" in words.how_sure(report)[0]


def test_classes_that_are_not_assessed_are_named(study):
    report = replace(study("multiclass"), unassessed=("hole", "crack"))
    assert words.not_assessed(report).endswith("kept for learning: “hole” and “crack”.")
    report = replace(report, unassessed=tuple(f"c{i}" for i in range(20)))
    assert words.not_assessed(report).endswith("and 8 more.")
