"""Checks that a method does not pass, each with its reason.

A row is (method, check, rare case or "*" for all and for none): reason. The check still runs, and
it fails the suite as soon as it passes: then the row is to be removed.
"""

EXEMPT: dict[tuple[str, str, str], str] = {
    ("estimator-baseline", "several_labels_in_a_row_are_refused", "*"): (
        "the learner itself, here a tree, which takes several targets"
    ),
}

# Public classes without a card of their own, and why.
WITHOUT_A_CARD: dict[str, str] = {
    "Ensemble": "the general form; its presets carry the cards",
    "MeanVote": "a part of `Ensemble`, which the schemes bring with them",
    "SAMMEVote": "a part of `Ensemble`, which the scheme SAMME brings with it",
    "FunctionSampler": "the user's function decides what it does",
    "MeanOfModels": "made of fitted models, whose classes carry the cards; it cannot be fitted",
    "FittedModel": "what any of the classifiers leaves to be saved; they carry the cards",
}
