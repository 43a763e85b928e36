"""Votes: how the members' answers become one."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator

__all__ = ["MeanVote", "SAMMEVote"]

Members = Callable[[Any], Iterable[np.ndarray]]


class MeanVote(BaseEstimator):
    """Average the members' probabilities: p(c | x) = sum_m alpha_m p_m(c | x) / sum_m alpha_m.

    Examples
    --------
    >>> member = np.array([[0.2, 0.8]])
    >>> MeanVote()(lambda X: [member, 1 - member], np.array([3.0, 1.0]), None).round(2).tolist()
    [[0.35, 0.65]]
    """

    def __call__(self, members: Members, alphas: np.ndarray, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, C).

        Parameters
        ----------
        members : callable
            ``members(X)`` yields the probabilities of each member, shape (n, C).
        alphas : ndarray of shape (n_members,)
            Their votes.
        X : array, sparse matrix, list or data frame of shape (n, d)
            Rows.
        """
        total = sum(alpha * proba for alpha, proba in zip(alphas, members(X), strict=True))
        return total / alphas.sum()


class SAMMEVote(BaseEstimator):
    """Let every member vote for one class, and take the softmax of the votes.

    f_c(x) = sum_m alpha_m (1 if m votes for c, else -1 / (C - 1)) / sum_m alpha_m, and
    p(c | x) is proportional to exp(f_c(x) / (C - 1)), as in scikit-learn's AdaBoostClassifier.

    Examples
    --------
    >>> SAMMEVote()(lambda X: [np.array([[0.2, 0.8]])], np.array([3.0]), None).round(2).tolist()
    [[0.12, 0.88]]
    """

    def __call__(self, members: Members, alphas: np.ndarray, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, C); parameters as in `MeanVote`."""
        total: Any = 0.0
        for alpha, proba in zip(alphas, members(X), strict=True):
            others = proba.shape[1] - 1
            chosen = np.arange(others + 1) == proba.argmax(axis=1)[:, None]
            total = total + alpha * np.where(chosen, 1.0, -1 / others)
        return softmax(total / alphas.sum() / others, axis=1)
