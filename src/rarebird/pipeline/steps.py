"""Steps as scikit-learn's pipeline sees them in fit: they take and return `Rows`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sklearn import pipeline as sk
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object
from sklearn.utils.metaestimators import available_if

from rarebird._typing import LabelsLike, TableLike

from .rows import Follows, Rows, resampled


def is_skipped(step: Any) -> bool:
    """Say whether a step does nothing."""
    return step is None or (isinstance(step, str) and step == "passthrough")


def resampling_steps(pipeline: sk.Pipeline) -> list[bool]:
    """Say of each step whether it changes rows in fit: a sampler, or a pipeline that holds one."""
    last = len(pipeline.steps) - 1
    return [
        any(resampling_steps(step))
        if isinstance(step, sk.Pipeline)
        else hasattr(step, "fit_resample") and not (index == last and hasattr(step, "predict"))
        for index, (_, step) in enumerate(pipeline.steps)
    ]


def served(pipeline: sk.Pipeline) -> sk.Pipeline:
    """Return scikit-learn's pipeline over the same steps, with every sampler passed through."""
    steps = []
    for (name, step), change in zip(pipeline.steps, resampling_steps(pipeline), strict=True):
        if change:
            step = served(step) if isinstance(step, sk.Pipeline) else "passthrough"
        steps.append((name, "passthrough" if step is None else step))
    return sk.Pipeline(steps)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Put a note with the step's name on every error."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This happened in step {name!r} of the pipeline.")
        raise


def _step_has(method: str) -> Callable[[Any], bool]:
    return lambda self: hasattr(self.runs, method)


class Step(BaseEstimator):
    """A step as scikit-learn's pipeline sees it in fit; its name stands in notes on errors.

    ``inner`` runs in place of another library's pipeline that holds a sampler.
    """

    def __init__(self, step: Any, name: str, inner: Any = None):
        self.step = step
        self.name = name
        self.inner = inner

    @property
    def runs(self) -> Any:
        """What is called."""
        return self.step if self.inner is None else self.inner

    def _values(self, rows: Rows, params: dict[str, Any]) -> dict[str, Any]:
        return {
            name: rows.aligned[value.key] if isinstance(value, Follows) else value
            for name, value in params.items()
        }

    def _call(self, method: str, rows: Rows, params: dict[str, Any]) -> Any:
        with _named(self.name):
            out = getattr(self.runs, method)(rows.X, rows.y, **self._values(rows, params))
        self._hand_back()
        return out

    def _hand_back(self) -> None:
        """Give the fitted steps to the pipeline that another one ran for."""
        if self.inner is not None:
            self.step.steps = self.inner.steps

    def fit(self, X: Rows, y: LabelsLike = None, **params: Any) -> "Step":
        """Fit the step."""
        self._call("fit", X, params)
        return self

    @available_if(_step_has("fit_transform"))
    def fit_transform(self, X: Rows, y: LabelsLike = None, **params: Any) -> Rows:
        """Fit the step and return its rows."""
        return replace(X, X=self._call("fit_transform", X, params))

    @available_if(_step_has("fit_predict"))
    def fit_predict(self, X: Rows, y: LabelsLike = None, **params: Any) -> Any:
        """Fit the step and return what it predicts."""
        return self._call("fit_predict", X, params)

    @available_if(_step_has("transform"))
    def transform(self, X: TableLike, **params: Any) -> Any:
        """Return the step's rows."""
        if not isinstance(X, Rows):
            return self.step.transform(X, **params)
        with _named(self.name):
            return replace(X, X=self.step.transform(X.X, **self._values(X, params)))

    def get_metadata_routing(self) -> Any:
        """Return what the step requests."""
        return get_routing_for_object(self.runs)

    def __sklearn_is_fitted__(self) -> bool:
        return True  # the step itself says it better


class Sampling(Step):
    """A step that changes rows; ``carried`` names the arrays that later steps need."""

    def __init__(self, step: Any, name: str, inner: Any = None, carried: tuple[str, ...] = ()):
        super().__init__(step, name, inner)
        self.carried = carried

    def fit(self, X: Rows, y: LabelsLike = None, **params: Any) -> "Sampling":
        """Fit the step."""
        self._call("fit" if hasattr(self.step, "fit") else "fit_resample", X, params)
        return self

    def fit_transform(self, X: Rows, y: LabelsLike = None, **params: Any) -> Rows:
        """Fit the step and return its rows."""
        carried = {key: X.aligned[key] for key in self.carried}
        values = self._values(X, params)
        with _named(self.name):
            if not isinstance(self.step, sk.Pipeline):
                return resampled(self.step, self.name, X, values, carried)
            rows = self.runs._run("fit_transform", X.X, X.y, values, carried)
            self._hand_back()
            return rows

    def transform(self, X: TableLike, **params: Any) -> Any:
        """Return the step's rows."""
        if isinstance(self.step, sk.Pipeline):
            return served(self.step).transform(X, **params)
        return X

    def get_metadata_routing(self) -> Any:
        """Return what the step requests."""
        if isinstance(self.step, sk.Pipeline):
            return super().get_metadata_routing()
        # fit_resample is none of scikit-learn's methods; here it gets what fit asks for. A name
        # that was never asked for is no error: the pipeline resamples what later steps need.
        asked = get_routing_for_object(self.step)
        request = MetadataRequest(owner=type(self.step).__name__)
        for method in ("fit_resample", "fit"):
            for name, alias in getattr(getattr(asked, method, None), "requests", {}).items():
                if alias is True or isinstance(alias, str):
                    request.fit.add_request(param=name, alias=alias)
        return request
