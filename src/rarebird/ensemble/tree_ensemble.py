"""What forests have in common: the parameters of their trees."""

from typing import Any, ClassVar

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from rarebird.resample.parameters import Positive

from .base import BaseEnsemble
from .packed_trees import pack, unpack

_TREE = (
    "criterion", "max_depth", "min_samples_split", "min_samples_leaf", "min_weight_fraction_leaf",
    "max_features", "max_leaf_nodes", "min_impurity_decrease", "ccp_alpha", "monotonic_cst",
)  # fmt: skip


class TreeEnsemble(BaseEnsemble):
    """Base of ensembles of scikit-learn's trees, whose parameters are the trees'."""

    texts: ClassVar[dict[str, str]] = {
        name: f"{name} : object, default=?\n    As in scikit-learn's `DecisionTreeClassifier`."
        for name in _TREE
    }
    n_estimators: Positive = 100
    criterion: Any = "gini"
    max_depth: Any = None
    min_samples_split: Any = 2
    min_samples_leaf: Any = 1
    min_weight_fraction_leaf: Any = 0.0
    max_features: Any = "sqrt"
    max_leaf_nodes: Any = None
    min_impurity_decrease: Any = 0.0
    ccp_alpha: Any = 0.0
    monotonic_cst: Any = None

    def _tree(self) -> DecisionTreeClassifier:
        """Return the tree that is cloned for each member."""
        return DecisionTreeClassifier(**{name: getattr(self, name) for name in _TREE})

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        members = state.get("estimators_", [])
        alike = all(np.array_equal(tree.classes_, self.classes_) for tree in members)
        if members and alike:
            state["estimators_"] = pack(members)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if isinstance(state.get("estimators_"), dict):
            tree = self._parts().estimator
            found = unpack(state["estimators_"], tree, self.n_features_in_, self.classes_)
            self.estimators_ = found
