"""The trees of a forest as a few arrays: what is saved of them, with the same answers.

scikit-learn keeps 64 bytes and the class shares in doubles for a node, and a file a record for a
tree. Here an inner node takes 15 bytes and a leaf 2 to 4 a class.
"""

from typing import Any

import numpy as np
from sklearn.base import clone

from rarebird._compat import sklearn_trees
from rarebird._errors import ModelFileError

_FIELDS = {
    "sizes", "depths", "leaf", "left", "right", "feature", "threshold", "missing", "shares", "which"
}  # fmt: skip


def pack(trees: list[Any]) -> dict[str, np.ndarray]:
    """Return the arrays of fitted trees that know the same classes, laid end to end."""
    states = [tree.tree_.__getstate__() for tree in trees]
    nodes = np.concatenate([state["nodes"] for state in states])
    sizes = np.array([state["node_count"] for state in states], dtype=np.int32)
    place = np.concatenate([np.arange(size) for size in sizes])
    leaf = nodes["left_child"] == -1
    inner, at = nodes[~leaf], place[~leaf]
    leaves = np.concatenate([state["values"][:, 0] for state in states])[leaf]
    shares, which = np.unique(leaves, return_inverse=True)
    # rows are compared as 32-bit numbers, so the next one below cuts them in the same way
    threshold = inner["threshold"].astype(np.float32)
    below = np.nextafter(threshold, np.float32(-np.inf))
    threshold = np.where(threshold > inner["threshold"], below, threshold)
    return {
        "sizes": sizes,
        "depths": np.array([state["max_depth"] for state in states], dtype=np.int32),
        "leaf": np.packbits(leaf),
        "left": (inner["left_child"] - at).astype(np.int32),
        "right": (inner["right_child"] - at).astype(np.int32),
        "feature": inner["feature"].astype(np.int32),
        "threshold": threshold,
        "missing": np.packbits(inner["missing_go_to_left"]),
        "shares": shares,
        "which": which.reshape(leaves.shape).astype(np.min_scalar_type(len(shares))),
    }


def unpack(arrays: dict[str, np.ndarray], tree: Any, n_columns: int, classes: Any) -> list[Any]:
    """Return trees fitted as those that were packed; ``tree`` is an unfitted one.

    Raises
    ------
    ModelFileError
        If the arrays do not fit together. Whether the links make trees is checked by what reads
        a file.
    """
    cls, kind = sklearn_trees()
    try:
        if set(arrays) != _FIELDS:
            raise ValueError("other fields")
        total = int(arrays["sizes"].sum())
        leaf = np.unpackbits(arrays["leaf"], count=total).astype(bool)
        place = np.concatenate([np.arange(size) for size in arrays["sizes"]])[~leaf]
        nodes, values = np.zeros(total, kind), np.zeros((total, 1, len(classes)))
        for side in ("left", "right"):
            nodes[side + "_child"][leaf] = -1
            nodes[side + "_child"][~leaf] = place + arrays[side]
        nodes["feature"][~leaf] = arrays["feature"]
        nodes["threshold"][~leaf] = arrays["threshold"]
        missing = np.unpackbits(arrays["missing"], count=len(place))
        nodes["missing_go_to_left"][~leaf] = missing
        values[leaf, 0] = arrays["shares"][arrays["which"]]
        found, ends = [], np.cumsum(arrays["sizes"])
        for end, size, depth in zip(ends, arrays["sizes"], arrays["depths"], strict=True):
            part = slice(end - size, end)
            state = {"max_depth": int(depth), "node_count": int(size), "nodes": nodes[part]}
            made = cls(n_columns, np.array([len(classes)], dtype=np.intp), 1)
            made.__setstate__({**state, "values": values[part]})
            fitted = {"tree_": made, "n_features_in_": n_columns, "n_outputs_": 1}
            fitted |= {"classes_": classes, "n_classes_": len(classes)}
            found.append(clone(tree))
            vars(found[-1]).update(fitted)
        return found
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        raise ModelFileError(
            f"The trees of this model are damaged: {error}. Train or copy it again."
        ) from error
