"""What the first page answers: is the model any good, which is shipped, does a treatment help."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from made_up import KINDS, difference, evidence, shipped, worth

from rarebird.registry import cards, method
from rarebird.study.goal import RankBy
from rarebird.study.report import answers, words
from rarebird.study.report.content import Part, Shipped
from rarebird.study.report.render import render, render_inline

NB = "\u00a0"
TOLD = [kind for kind in KINDS if kind != "hostile"]


def first(report):
    """Every sentence of the first page."""
    found = [words.headline(report), words.lede(report), words.unfinished(report)]
    for lines in (answers.worth, words.what_to_do, answers.which_model, answers.treatments):
        found += lines(report)
    return " ".join(found)


def with_verdict(report, **fields):
    return replace(report, verdict=replace(report.verdict, **fields))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("treatment", "Use this model: Under-sampling ensemble."),
        ("plain", "Use this model: lightgbm without a treatment."),
        ("blend", "Use this model: a blend of lightgbm and SMOTE with forest."),
        ("baseline", "Do not use this model yet: a danger in the table must be settled first."),
        (
            "cannot-tell",
            "The model works, but these rows cannot tell methods apart; here is the safest.",
        ),
        (
            "few-model",
            "There are too few “fraud” rows to compare methods; here is a plain model.",
        ),
        ("few", f"There are too few “defect{NB}={NB}1” rows for a model."),
        ("no-signal", "Nothing in this table predicts “kind”."),
        ("no-saving", "Use this model only on trial: Under-sampling ensemble."),
        ("ended", "Use this model: lightgbm without a treatment."),
        ("multiclass", "Use this model: Unbalanced ensemble."),
    ],
)
def test_each_kind_of_verdict_has_its_headline(study, kind, says):
    assert words.headline(study(kind)) == says


def test_a_model_that_ranks_and_is_no_better_under_the_goal_is_not_advised(study):
    found = worth("no", (0.5, 0.4, 0.6), (0.001, -0.02, 0.02))
    report = with_verdict(study("no-saving"), worth=found)
    assert words.headline(report) == (
        "The model ranks rows better than chance, but for your goal it is no better than no model."
    )
    assert words.what_to_do(report)[0].startswith("Do not act on the model's decisions")
    assert "rarebird predict" not in render_inline(report)


def test_an_unclear_model_that_cannot_be_told_from_others_only_may_work(study):
    found = worth("unclear", (0.1, -0.01, 0.2), (0.1, -0.01, 0.2))
    report = with_verdict(study("cannot-tell"), worth=found)
    assert words.headline(report) == (
        "The model may work, and these rows cannot tell methods apart; here is the safest."
    )
    assert words.what_to_do(report)[0].startswith("Try the file model.skops")


def test_the_lede_gives_the_size_of_the_answer(study):
    assert words.lede(study("treatment")) == (
        "In cross-validation its average precision is 0.550, against 0.512 for the baseline, the "
        "plain model (lightgbm)."
    )
    assert words.lede(study("plain")) == (
        "In cross-validation its average precision is 0.512. No treatment is proven to help."
    )
    assert words.lede(study("cannot-tell")) == (
        "It is lightgbm without a treatment. On these rows, a gain of 0.12 in average precision is "
        "proven in 4 of 5 cases, a smaller one less often."
    )
    alone = study("plain")
    alone = replace(alone, candidates=alone.candidates[:1])
    assert words.lede(alone).startswith("Nothing could be compared with the plain model")


def test_worth_is_told_against_chance_and_against_no_model(study):
    assert answers.worth(study("treatment")) == [
        "Out of fold the model ranks rows better than chance: its average precision differs from "
        "that of a random order by +0.510 [+0.450, +0.570] (95% interval); on the test set +0.517 "
        "[+0.458, +0.573] (95% interval)."
    ]
    assert answers.worth(study("no-saving"))[1:] == [
        "Against no model it saves +12 [−2, +26] (95% interval) per 1,000 rows; the interval holds "
        "zero, so it may save nothing; on the test set +27 [0, +53] (95% interval).",
        "So it is unclear whether it is better than no model.",
    ]
    lines = answers.worth(study("no-signal"))
    assert "is not shown to rank rows better than chance" in lines[0]
    assert lines[-1] == "So it is not shown to be better than no model."


def test_worth_under_another_goal_is_told_in_its_direction(study):
    found = worth("yes", (0.5, 0.4, 0.6), (-0.02, -0.03, -0.01), (0.5, 0.4, 0.6), (-0.01, -0.02, 0))
    report = replace(study("plain"), goal=RankBy(rank_by="brier"))
    assert answers.worth(with_verdict(report, worth=found))[1] == (
        "Against no model its Brier score is better by +0.020 [+0.010, +0.030] (95% interval); on "
        "the test set +0.010 [0.000, +0.020] (95% interval), an interval that holds zero."
    )
    worse = replace(found, goal=difference(0.02, 0.01, 0.03, 1.0))
    assert "so no model is better" in answers.worth(with_verdict(report, worth=worse))[1]


def test_intervals_above_zero_and_an_unclear_answer_are_reconciled(study):
    found = worth("unclear", (0.1, 0.01, 0.2), (0.1, 0.01, 0.2))
    assert answers.worth(with_verdict(study("plain"), worth=found))[-1] == (
        "Allowing for all models it was chosen from, which the intervals do not, it is unclear "
        "whether it is better than no model."
    )


def test_what_is_shipped_is_told_with_its_limits(study):
    assert answers.which_model(study("blend")) == [
        "The model is a blend of lightgbm and SMOTE with forest.",
        "The weights of the blend: lightgbm 0.50, SMOTE with forest 0.50.",
        "Settings: forest with ratio=0.5.",
        "It is chosen by the expected average precision out of fold: the best, or a simpler model "
        "that is as good within noise. That choice needs no proof.",
        "The file holds the mean of 10 fitted models, of all 40,061 rows, those of the test set "
        "among them. The measured figure is for a model without the test rows, so a cautious one.",
        "It takes 3.1 MB and 0.42 ms per row; the limits are 20 MB and 5 ms.",
    ]
    kept = answers.which_model(study("ended"))
    assert "what was measured is what is shipped" in kept[-2] and "cautious" not in " ".join(kept)
    large = replace(shipped(("forest", None, "forest")), models=1, size_mb=31.0)
    lines = answers.which_model(with_verdict(study("plain"), shipped=large))
    assert "The file holds one fitted model" in lines[-2]
    assert lines[-1].endswith("No model of the comparison keeps both.")


def test_the_evidence_of_every_treatment_is_told_at_one_level(study):
    assert answers.treatments(study("treatment")) == [
        "Proven to help: Under-sampling ensemble, +0.041 [+0.022, +0.062] (p = 0.002).",
        "No evidence that it helps or harms: Unbalanced ensemble, Class weights, SMOTE and "
        "Balanced random forest.",
        "Harmful: Random under-sampling, −0.038 [−0.057, −0.017].",
        "Dropped early: One that fell behind.",
        "Each is compared with the same learner without it. Brackets are 95% intervals of one "
        "comparison alone: likely is one on the better side of zero, harmful one on the worse "
        "side. p allows for all comparisons, and proven needs p below 0.01: a family-wise error "
        "rate of at most 1%.",
        "On these rows, a gain of 0.021 in average precision is proven in 4 of 5 cases, a smaller "
        "one less often.",
    ]


def test_an_interval_above_zero_without_proof_is_called_likely(study):
    report = study("plain")
    rows = tuple(
        replace(row, effect=difference(0.03, 0.011, 0.049, 0.035), evidence="likely")
        if row.name == "smote"
        else row
        for row in report.candidates
    )
    lines = answers.treatments(replace(report, candidates=rows))
    assert lines[:2] == [
        "No treatment is proven to help.",
        "Likely to help, not proven: SMOTE, +0.030 [+0.011, +0.049] (p = 0.035).",
    ]


def test_a_treatment_that_is_shipped_without_proof_is_said_to_be(study):
    lines = answers.treatments(study("blend"))
    assert "“SMOTE” is shipped for its expected value; that it helps is not proven." in lines
    assert any(line.startswith("A control does not balance") for line in
               answers.treatments(study("multiclass")))  # fmt: skip


@pytest.mark.parametrize("kind", TOLD)
def test_words_and_intervals_never_contradict_each_other(study, kind):
    report = study(kind)
    for row in report.candidates:
        if row.effect is None:
            continue
        up = row.effect if report.goal.sign > 0 else difference(
            -row.effect.value, -row.effect.high, -row.effect.low, row.effect.p_adjusted
        )  # fmt: skip
        assert answers.evidence_of(row) == answers.EVIDENCE[evidence(up)][0]
        if row.evidence == "none":
            assert answers.holds_zero(up)
        if row.evidence == "proven":
            assert up.low > 0 and up.p_adjusted < report.level
    text = first(report)
    assert "good news" not in text and "best choice" not in text
    for found in re.finditer(r"\[[+−][^]]*\]", " ".join(answers.worth(report))):
        assert "interval)" in text[text.index(found[0]) :][: len(found[0]) + 20]


@pytest.mark.parametrize("kind", ["baseline", "no-signal"])
def test_no_step_contradicts_a_warning(study, kind):
    report = study(kind)
    steps = " ".join(words.what_to_do(report))
    assert "Use the file" not in steps and "lert when" not in steps and "o not use" in steps
    page = render_inline(report)
    assert "rarebird predict" not in page
    if kind == "baseline":
        assert words.what_to_do(report)[0].startswith("First settle the warning at the top")
    else:
        assert "alert when" not in page.lower() and "rows found" not in page
        assert 'id="explore"' not in render(report)


def test_an_unfinished_study_says_so_at_the_top_and_goes_on(study):
    report = study("ended")
    assert words.unfinished(report) == (
        "This study is unfinished. It was interrupted. What follows is as far as it came; the same "
        "command goes on from there."
    )
    assert words.what_to_do(report)[0].startswith("Run the same study again")
    page = render(report)
    assert page.index("This study is unfinished") < page.index("<h1>")
    for line in report.left_out:
        assert line in page
    assert "unfinished" not in render(study("plain")).split("</style>")[1]


def test_a_threshold_that_was_not_tuned_says_what_it_is(study):
    assert "it was not tuned: 17 positive and 683 negative rows are too few" in (
        words.decision_sentence(study("cannot-tell"))
    )


def test_a_report_whose_answers_are_not_known_leaves_them_out(study):
    report = with_verdict(study("plain"), worth=None, shipped=None)
    assert answers.worth(report) == answers.which_model(report) == []
    assert words.headline(report) == "Use this model: the model."
    assert "<h1>" in render(report)


@pytest.mark.parametrize("kind", TOLD)
def test_the_guide_names_every_field_of_the_verdict_and_its_words(study, kind):
    guide = Path(__file__).parents[3] / "docs" / "guides" / "read-the-report.md"
    text = guide.read_text("utf-8")
    section = text[text.index("## The verdict for programs") :]
    verdict = study(kind).verdict.as_dict()
    names = {*verdict, *(each.name for part in (Part, Shipped) for each in fields(part))}
    names |= {"cannot_tell", "too_few", "no_signal", "ship", "yes", "no", "unclear"}
    for part in ("test", "decision", "prior", "difference"):
        names |= set(verdict[part] or ())
    names |= {*answers.EVIDENCE, *(check["severity"] for check in verdict["checks"])}
    names |= {method("decision", card.name).kind for card in cards(role="decision")}
    assert {name for name in names if f"`{name}`" not in section.replace("shipped.", "")} == set()
    assert verdict["headline"] in names and verdict["worth"] in names
    assert set(verdict["evidence"].values()) <= names
