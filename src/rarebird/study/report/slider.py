"""The slider's data: thousands of out-of-fold scores as a short list that counts the same."""

import numpy as np

from .numerals import known

LOGIT_STEP = 0.02  # scores whose odds differ by less than 2 % share a place on the list


def _logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p) - np.log1p(-p)


def compress(p, y, w, threshold: float) -> dict[str, list[float]]:
    """Add up the weights of rare and common rows over scores that are nearly equal.

    No bin holds scores from both sides of ``threshold``, so the counts there are exact.

    Parameters
    ----------
    p : array of shape (n,)
        Probabilities of the rare class.
    y : array of shape (n,)
        1 for the rare class, 0 for the common one.
    w : array of shape (n,) or None
        Weights of the rows; None for ones.
    threshold : float
        Where the counts must be exact.

    Returns
    -------
    dict
        ``p`` (ascending), ``pos`` and ``neg``, lists of the same length; O(n log n).

    Examples
    --------
    >>> compress([0.2, 0.2, 0.9], [0, 1, 1], None, 0.5)
    {'p': [0.2, 0.9], 'pos': [1.0, 1.0], 'neg': [1.0, 0.0]}
    """
    p = np.asarray(p, dtype=float)
    y = np.asarray(y, dtype=float)
    w = np.ones_like(p) if w is None else np.asarray(w, dtype=float)
    keep = np.isfinite(p) & np.isfinite(y) & np.isfinite(w) & (w > 0)
    p, y, w = p[keep], y[keep], w[keep]
    above = p >= threshold
    place = np.round(_logit(p) / LOGIT_STEP) * 2 + above
    _, index = np.unique(place, return_inverse=True)
    total = np.bincount(index, w)
    mean = np.bincount(index, w * p) / total if len(p) else total
    side = np.zeros(len(total), dtype=bool)
    side[index] = above
    rows = {"p": [], "pos": [], "neg": []}
    positive = np.bincount(index, w * y)
    for value, up, pos, all_ in zip(mean, side, positive, total, strict=True):
        value = float(f"{value:.6g}")
        if up and value < threshold:
            value = threshold
        elif not up and value >= threshold:
            value = float(np.nextafter(threshold, 0))
        rows["p"].append(value)
        rows["pos"].append(float(f"{pos:.9g}"))
        rows["neg"].append(float(f"{all_ - pos:.9g}"))
    return rows


def slider_data(slider: dict | None) -> dict | None:
    """Return what the page's script needs, or None where there is nothing to move.

    It holds the compressed scores, the study's threshold and prior, the costs, and the ends of
    both controls as log-odds. Without a threshold of the study, the prior is the starting point.
    """
    if not slider or not len(slider.get("p") or []):
        return None
    prior, threshold = slider.get("prior"), slider.get("threshold")
    if not known(prior) or not 0 < prior < 1:
        return None
    own = known(threshold) and 0 < threshold < 1
    threshold = float(threshold) if own else float(prior)
    rows = compress(slider["p"], slider["y"], slider.get("w"), threshold)
    if not sum(rows["pos"]) or not sum(rows["neg"]):
        return None
    at, base = (float(_logit(np.array(x))) for x in (threshold, prior))
    scores = _logit(np.array(rows["p"]))
    low = max(min(float(scores.min()), at) - 0.1, -12.0)
    high = min(max(float(scores.max()), at) + 0.1, 12.0)
    costs = slider.get("costs")
    costs = costs if costs and known(costs.get("fp")) and known(costs.get("fn")) else None
    return {
        **rows,
        "threshold": threshold,
        "own": own,
        "prior": float(prior),
        "costs": costs,
        "ends": {
            "threshold": [min(low, at - 1), max(high, at + 1)],
            "prior": [base - 3.4, min(base + 3.4, max(base + 1, 2.2))],
        },
    }
