"""The learners of a study: rarebird's, others by name where they are installed, and the user's."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from rarebird._errors import MissingDependencyError, ParameterError, suggest
from rarebird.registry import cards

_BY_NAME = {
    "xgboost": ("xgboost", "XGBClassifier", {"n_jobs": 1}),
    "catboost": (
        "catboost",
        "CatBoostClassifier",
        {"verbose": False, "allow_writing_files": False, "thread_count": 1},
    ),
}


def _pool() -> tuple[str, ...]:
    """Return the learners of the baseline, by its card; nothing heavy is imported."""
    [use] = [card.study for card in cards(role="estimator") if card.name == "baseline"]
    return () if use is None else use.learners


def default_learners(n_classes: int) -> list[str]:
    """Return the names of the learners of the baseline: what is installed never changes them."""
    task = "binary" if n_classes == 2 else "multiclass"
    fitting = {card.name for card in cards(role="learner") if task in card.tasks}
    return [name for name in _pool() if name in fitting]


def read_learners(stated: Any) -> list[Any]:
    """Check stated learners: names, or estimators with ``fit`` and ``predict_proba``."""
    if isinstance(stated, str):
        stated = [name.strip() for name in stated.split(",") if name.strip()]
    stated = list(stated)
    known = [*_pool(), *_BY_NAME]
    for each in stated:
        if isinstance(each, str):
            if each not in known:
                raise ParameterError(f"{each!r} is no learner.{suggest(each, known)}")
        elif isinstance(each, type) or not all(
            hasattr(each, name) for name in ("fit", "predict_proba", "get_params")
        ):
            raise ParameterError(
                f"{each!r} is not allowed; it must be a name, or an unfitted classifier with fit "
                "and predict_proba."
            )
    if not stated:
        raise ParameterError("there is none; give one learner at least.")
    return stated


def own_learners(stated: Sequence[Any]) -> Mapping[str, Any]:
    """Return the stated learners that are not rarebird's, by the name that a study gives them."""
    found: dict[str, Any] = {}
    for each in stated:
        name = learner_name(each)
        if isinstance(each, str):
            if each not in _BY_NAME:
                continue
            module, made, params = _BY_NAME[each]
            try:
                each = getattr(import_module(module), made)(**params)
            except ImportError as error:
                raise MissingDependencyError(
                    f"The learner {name!r} needs the package {module}. Install it, or leave the "
                    "learner out."
                ) from error
        if name in found:
            raise ParameterError(f"two learners are called {name!r}; one of a kind is compared.")
        found[name] = each
    return found


def learner_name(stated: Any) -> str:
    """Return what a study calls a learner: its name, or the class of a user's own."""
    return stated if isinstance(stated, str) else type(stated).__name__
