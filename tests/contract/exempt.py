"""Checks that a method does not pass, each with its reason.

A row is (method, check, rare case or "*" for all and for none): reason. The check still runs, and
it fails the suite as soon as it passes: then the row is to be removed.
"""

EXEMPT: dict[tuple[str, str, str], str] = {}

# Public classes without a card of their own, and why.
WITHOUT_A_CARD: dict[str, str] = {
    "ResampledEnsemble": "the general form; its presets carry the cards",
    "FunctionSampler": "the user's function decides what it does",
    "CorrectedClassifier": "what ResampledClassifier leaves to be saved; that one carries the card",
}
