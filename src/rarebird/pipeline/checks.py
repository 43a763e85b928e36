"""What may be a step, and under which name."""

from typing import Any

from sklearn import pipeline as sk

from rarebird._errors import ParameterError, ParameterTypeError, suggest

from .steps import is_skipped, served


def check_steps(pipeline: sk.Pipeline) -> None:
    """Raise unless names and steps can stand as they do.

    Raises
    ------
    ParameterError, ParameterTypeError
        Naming the step.
    """
    try:
        pairs = [(name, step) for name, step in pipeline.steps]
    except (TypeError, ValueError):
        raise ParameterTypeError(
            f"Pipeline: steps={pipeline.steps!r} is not allowed; it must be a list of "
            "(name, step) pairs. make_pipeline(*steps) finds names itself."
        ) from None
    if not pairs:
        raise ParameterError("Pipeline: The pipeline is empty. Please add steps.")
    names = [name for name, _ in pairs]
    taken = pipeline.get_params(deep=False)
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(f"Pipeline: Names provided are not unique: {name!r} is twice.")
        if name in taken or "__" in name:
            raise ParameterError(
                f"Pipeline: a step cannot be called {name!r}; a name must not contain __ and "
                f"must not be one of {', '.join(taken)}."
            )
    for index, (name, step) in enumerate(pairs):
        _check_step(name, step, index == len(pairs) - 1)


def _check_step(name: str, step: Any, is_last: bool) -> None:
    """Raise unless the step can stand where it stands."""
    if is_skipped(step):
        return
    who = f"Pipeline: step {name!r} ({step if isinstance(step, str) else type(step).__name__})"
    if isinstance(step, str):
        hint = suggest(step, ["passthrough"])
        raise ParameterTypeError(f"{who}: the only text allowed is 'passthrough'.{hint}")
    if isinstance(step, type):
        raise ParameterTypeError(
            f"Pipeline: step {name!r} is the class {step.__name__}; give an instance, "
            f"{step.__name__}()."
        )
    samples = hasattr(step, "fit_resample")
    if is_last:
        if not samples and not hasattr(step, "fit"):
            raise ParameterTypeError(
                f"{who} is the last one and has neither fit nor fit_resample. Last step of "
                "Pipeline should implement fit or be the string 'passthrough'."
            )
        return
    inner = isinstance(step, sk.Pipeline)
    target = served(step) if inner else step
    transforms = hasattr(target, "transform") and (
        hasattr(target, "fit") or hasattr(target, "fit_transform")
    )
    if samples and transforms and not inner:
        raise ParameterTypeError(
            f"{who} has both fit_resample and transform, so it is unclear which one is meant; wrap "
            "it in a class that has only one."
        )
    if not (samples or transforms):
        raise ParameterTypeError(
            f"{who} is not the last one, so it must implement fit and transform or fit_resample, "
            "or be the string 'passthrough'."
        )
