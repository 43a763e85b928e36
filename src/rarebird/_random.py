"""A random state of any kind as a generator; only the legacy one may be NumPy's global one."""

import numbers
from typing import Any

import numpy as np

from ._errors import ParameterTypeError

RandomState = int | np.random.Generator | np.random.RandomState | None


def as_rng(random_state: RandomState) -> np.random.Generator:
    """Return a NumPy generator for an integer seed, a generator, a ``RandomState`` or ``None``."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**31 - 1, size=4))
    if random_state is None or isinstance(random_state, numbers.Integral):
        return np.random.default_rng(random_state)
    raise ParameterTypeError(
        f"random_state={random_state!r} is not supported; give a whole number, a NumPy generator, "
        "a RandomState or None."
    )


def as_legacy_rng(random_state: RandomState) -> np.random.RandomState:
    """Return NumPy's legacy generator, with which an integer gives imbalanced-learn's draws.

    An integer seeds it; a ``RandomState`` is taken as it is; a ``Generator`` draws its seed;
    ``None`` is the one that `numpy.random.seed` sets, as in imbalanced-learn and scikit-learn.
    """
    if isinstance(random_state, np.random.Generator):
        return np.random.RandomState(random_state.integers(2**32, size=4))
    if random_state is None or isinstance(random_state, np.random.RandomState):
        from sklearn.utils import check_random_state

        return check_random_state(random_state)
    as_rng(random_state)  # refuses what is no state
    return np.random.RandomState(random_state)


def seed_of(seed: int, *key: int | str) -> int:
    """Return a 31-bit seed that depends on ``seed`` and the key only: order never matters."""
    words = [seed]
    for part in key:
        words.extend(str(part).encode() if isinstance(part, str) else [int(part)])
        words.append(257)  # a separator no byte can equal
    return int(np.random.SeedSequence(words).generate_state(1)[0] >> 1)


def as_seed(random_state: RandomState) -> int:
    """Return a random state of any kind as a whole number: an integer is its own.

    Examples
    --------
    >>> as_seed(7), as_seed(np.random.default_rng(0)) == as_seed(np.random.default_rng(0))
    (7, True)
    """
    rng = as_rng(random_state)
    if isinstance(random_state, numbers.Integral):
        return int(random_state)
    return int(rng.integers(2**31 - 1))


def reseed(part: Any, seed: int, *, open_only: bool = False) -> Any:
    """Give every ``random_state`` of an estimator and of its parts a seed of its own.

    Parameters
    ----------
    part : estimator
        It is changed.
    seed : int
        What the seeds depend on, beside the parameters' names.
    open_only : bool, default=False
        Leave alone those that are not None.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> reseed(DecisionTreeClassifier(random_state=1), 0).random_state == 1
    False
    """
    given = part.get_params(deep=True)
    names = [name for name in given if name.rpartition("__")[2] == "random_state"]
    names = [name for name in names if given[name] is None or not open_only]
    return part.set_params(**{name: seed_of(seed, name) for name in names})
