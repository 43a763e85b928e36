"""Bias-corrected temperature scaling; for two classes, Platt scaling on the logit."""

from typing import ClassVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

from rarebird._errors import DataError
from rarebird._params import Real

from .base import Calibrator, register_calibrator

_CLIP = 1e-12


def penalised_log_loss(
    theta: np.ndarray, log_p: np.ndarray, y: np.ndarray, weight: np.ndarray, ridge: float
) -> tuple[float, np.ndarray]:
    """Return the weighted log loss of softmax(a log p + b) plus its ridge, and the gradient.

    loss = sum_i w_i CE_i + ridge/2 (a - 1)^2 + ridge/200 |b|^2, with theta = (a, b_1 .. b_C).
    Both are divided by the sum of the weights; log_p has shape (C, n), a row for each class.
    """
    slope, bias = theta[0], theta[1:]
    rows, total = np.arange(len(y)), weight.sum()
    z = slope * log_p + bias[:, None]
    z -= z.max(axis=0)
    own = z[y, rows]
    step = np.exp(z, out=z)
    norm = step.sum(axis=0)
    value = weight @ (np.log(norm) - own)
    step /= norm
    step[y, rows] -= 1
    step *= weight
    gradient = np.concatenate([[np.vdot(step, log_p)], step.sum(axis=1)])
    pull = ridge * np.concatenate([[slope - 1], bias / 100])
    value += 0.5 * ridge * ((slope - 1) ** 2 + bias @ bias / 100)
    return value / total, (gradient + pull) / total


def _fit_slope_and_bias(
    log_p: np.ndarray, y: np.ndarray, weight: np.ndarray, ridge: float
) -> np.ndarray:
    """Return the theta, with a >= 0, of the least `penalised_log_loss`."""
    # From a = 1 and the biases that match the class shares, a moves with the biases that
    # compensate it and in steps of its curvature: where rare classes put log p far from 0, slope
    # and bias are otherwise nearly one direction.
    total = weight.sum()
    mean = softmax(log_p, axis=0) @ weight / total
    bias = np.log(np.bincount(y, weight) / total) - np.log(mean)
    bias -= bias.mean()
    q = softmax(log_p + bias[:, None], axis=0)
    curve = q * (1 - q) * (weight / total)
    each = curve.sum(axis=1)
    centre = np.sum(curve * log_p, axis=1) / np.maximum(each, 1e-300)
    spread = np.sum(curve * (log_p - centre[:, None]) ** 2)
    scale = np.sqrt(np.concatenate([[spread], each]) + (ridge + 1e-6) / total)

    def theta(u: np.ndarray) -> np.ndarray:
        v = u / scale
        return np.concatenate([v[:1], v[1:] - v[0] * centre])

    def moved(u: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = penalised_log_loss(theta(u), log_p, y, weight, ridge)
        gradient[0] -= centre @ gradient[1:]
        return value, gradient / scale

    found = minimize(
        moved,
        np.concatenate([[1.0], bias + centre]) * scale,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] + [(None, None)] * len(bias),
        options={"maxiter": 1000, "maxfun": 5000, "ftol": 1e-14, "gtol": 1e-8},
    )
    return theta(found.x)


@register_calibrator(
    name="bias-corrected-temperature",
    tasks=("binary", "multiclass"),
    summary="Rescale and shift the log-probabilities by maximum likelihood; the order stays.",
    evidence="scikit-learn 1.9: unpenalised LogisticRegression on the logit; numeric gradient",
    rare_cases="an absent class keeps its bias 0; with one class alone it is the identity",
    example={},
    papers=("alexandari2020maximum",),
)
class BiasCorrectedTemperature(Calibrator):
    """Calibrate by p'_c proportional to exp(a log p_c + b_c), fitted by maximum likelihood.

    For two classes this is Platt scaling on the logit. The slope keeps a >= 0, so that no order
    of two rows (in the odds of two classes) is ever reversed; a = 0 is reached where the scores
    say nothing or the contrary, and gives every row the class shares.

    Parameters
    ----------
    ridge : float
        Strength of the pull to the identity (a = 1, b = 0): ridge/2 (a - 1)^2 + ridge/200 |b|^2 is
        added to the *sum* of the rows' weighted log losses, so that the pull vanishes as 1/n and
        yet keeps a finite where eight positives are perfectly separated.

    Attributes
    ----------
    slope_, bias_ : float, ndarray of shape (n_classes,)
        a and b; b is 0 for a class without rows, which takes no part in the fit.

    Raises
    ------
    DataError
        If a probability, a label or a weight is missing or outside its range.

    Notes
    -----
    O(n C) an iteration, some tens of iterations; p is clipped at 1e-12. A weight of 2 is the row
    twice. Source for two classes: Platt 1999.

    References
    ----------
    .. [alexandari2020maximum] Alexandari, A.; Kundaje, A.; Shrikumar, A. Maximum likelihood with
       bias-corrected calibration is hard-to-beat at label shift adaptation. International
       Conference on Machine Learning, 2020.

    Examples
    --------
    >>> p, y = [0.9, 0.9, 0.9, 0.1, 0.1, 0.1] * 50, [1, 1, 0, 0, 0, 1] * 50
    >>> BiasCorrectedTemperature().fit(p, y).transform([0.9])[0].round(2).tolist()
    [0.33, 0.67]
    """

    rules: ClassVar = {"ridge": Real(min=0)}

    def __init__(self, ridge: float = 1.0) -> None:
        self.ridge = ridge

    def _fit(self, y_proba: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
        self.slope_, self.bias_ = 1.0, np.zeros(self.n_classes_)
        used = weight > 0
        present, codes = np.unique(y[used], return_inverse=True)
        if len(present) < 2:
            return
        log_p = np.log(np.clip(y_proba[np.ix_(used, present)].T, _CLIP, 1.0), order="C")
        log_p -= log_p.mean(axis=0)
        theta = _fit_slope_and_bias(log_p, codes, weight[used], float(self.ridge))
        if not np.all(np.isfinite(theta)):
            raise DataError(
                "BiasCorrectedTemperature: the fit did not stay finite. Use ridge > 0, which keeps "
                "perfectly separated classes finite."
            )
        self.slope_, self.bias_[present] = float(theta[0]), theta[1:]

    def _transform(self, y_proba: np.ndarray) -> np.ndarray:
        log_p = np.log(np.clip(y_proba, _CLIP, 1.0))
        return softmax(self.slope_ * log_p + self.bias_, axis=1)
