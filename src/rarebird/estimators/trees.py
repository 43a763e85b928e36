"""Boosted trees as checked arrays: LightGBM's model text in and out.

An altered model text reads and writes outside LightGBM's memory. So a model is kept as arrays, the
arrays are checked (every index in its range, every node reached exactly once), and only a text
written from checked arrays is ever handed to LightGBM: see docs/guides/model-files.md.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rarebird._compat import lightgbm
from rarebird._errors import ModelFileError
from rarebird.decide.mean_of_models import MeanOfModels

# what a tree of L leaves and K categorical splits has: L - 1 of each, L, K + 1 and any number
_NODE = {
    "split_feature": np.int32,
    "threshold": np.float64,
    "decision_type": np.int8,
    "left_child": np.int32,
    "right_child": np.int32,
}
_TREE = {
    **_NODE,
    "leaf_value": np.float64,
    "cat_boundaries": np.int32,
    "cat_threshold": np.uint32,
}
_COUNTS = {"leaves": np.int32, "cats": np.int32, "cat_words": np.int32, "shape": np.int32}
_DTYPES = {**_TREE, **_COUNTS}
MAX_COLUMNS = 1_000_000
_WORDS = 8  # of 32 bits, in scikit-learn's set of categories
_LARGEST_LEAF = 1e100  # sums over trees stay finite


def from_text(text: str) -> dict[str, np.ndarray]:
    """Read LightGBM's model text (of our own making) into arrays, trees laid end to end."""
    head, *bodies = text.split("\nTree=")
    fields = dict(line.split("=", 1) for line in head.splitlines() if "=" in line)
    trees = [
        dict(line.split("=", 1) for line in body.split("\n\n")[0].splitlines()[1:] if "=" in line)
        for body in bodies
    ]
    columns = {
        key: [np.array(tree.get(key, "").split(), dtype=np.float64).astype(dtype) for tree in trees]
        for key, dtype in _TREE.items()
    }
    counts: dict[str, list[Any]] = {
        "leaves": [tree["num_leaves"] for tree in trees],
        "cats": [tree["num_cat"] for tree in trees],
        "cat_words": [len(words) for words in columns["cat_threshold"]],
        "shape": [fields["num_class"], int(fields["max_feature_idx"]) + 1],
    }
    return {key: np.concatenate(parts) for key, parts in columns.items()} | {
        key: np.array([int(value) for value in values], dtype=np.int32)
        for key, values in counts.items()
    }


def _need(kept: Any, otherwise: str) -> None:
    if not kept:
        raise ModelFileError(
            f"The trees of this model are damaged: {otherwise}. Train or copy it again."
        )


def _each_tree(arrays: dict[str, np.ndarray]) -> Iterator[tuple[int, int, dict[str, np.ndarray]]]:
    """Yield leaves, categorical splits and arrays of each tree."""
    leaves, cats, words = (arrays[key].astype(np.int64) for key in ("leaves", "cats", "cat_words"))
    sizes = dict.fromkeys(_NODE, leaves - 1)
    sizes |= {"leaf_value": leaves, "cat_boundaries": cats + (cats > 0), "cat_threshold": words}
    for key, size in sizes.items():
        wanted, found = size.sum(), len(arrays[key])
        _need(found == wanted, f"{key} has {found} entries instead of {wanted}")
    parts = {key: np.split(arrays[key], np.cumsum(size)[:-1]) for key, size in sizes.items()}
    for t in range(len(leaves)):
        yield int(leaves[t]), int(cats[t]), {key: parts[key][t] for key in _TREE}


def check(arrays: dict[str, np.ndarray]) -> None:
    """Check that the arrays describe trees.

    Raises
    ------
    ModelFileError
        If a length, an index or the shape of a tree is impossible.
    """
    fields = isinstance(arrays, dict) and set(arrays) == set(_DTYPES)
    _need(fields, "the fields are not those of a tree model")
    for key, dtype in _DTYPES.items():
        plain = isinstance(arrays[key], np.ndarray) and arrays[key].ndim == 1
        _need(plain and arrays[key].dtype == dtype, f"{key} is not an array of its kind")
    leaves, cats, words = (arrays[key].astype(np.int64) for key in ("leaves", "cats", "cat_words"))
    shape = arrays["shape"].tolist()
    _need(len(shape) == 2 and min(shape) >= 1 and len(leaves), "it has no trees or no columns")
    _need(shape[1] <= MAX_COLUMNS, f"it has more than {MAX_COLUMNS:,} columns")
    _need(len(leaves) == len(cats) == len(words), "the trees have different numbers of fields")
    few = leaves.min() < 1 or cats.min() < 0 or words.min() < 0 or len(leaves) % shape[0]
    _need(not few, "the number of leaves is impossible")
    more = np.any(cats >= leaves) or np.any(words[cats == 0])
    _need(not more, "a tree has more categorical splits than splits")
    _need(np.all(np.abs(arrays["leaf_value"]) < _LARGEST_LEAF), "a leaf is not a usable number")
    # +inf parts missing values from all others
    _need(np.all(arrays["threshold"] > -np.inf), "a threshold is not a number")
    kinds, features = arrays["decision_type"], arrays["split_feature"]
    # bits: categorical, default left, two for missing
    _need(np.all((kinds >= 0) & (kinds < 12)), "a split is of an unknown kind")
    inside = np.all((features >= 0) & (features < shape[1]))
    _need(inside, "a split uses a column that does not exist")
    for n_leaves, n_cats, tree in _each_tree(arrays):
        children = np.concatenate([tree["left_child"], tree["right_child"]])
        # every node but the root, and every leaf (as -1, -2, ...), is the child of exactly one node
        every = np.concatenate([np.arange(-n_leaves, 0), np.arange(1, n_leaves - 1)])
        whole = n_leaves == 1 or np.array_equal(np.sort(children), every)
        _need(whole, "a tree's nodes do not form a tree")
        parents = np.tile(np.arange(n_leaves - 1), 2)
        _need(np.all((children < 0) | (children > parents)), "a tree has a loop")
        edges = tree["cat_boundaries"].astype(np.int64)
        ends = not n_cats or (edges[0] == 0 and edges[-1] == len(tree["cat_threshold"]))
        _need(ends and np.all(np.diff(edges) >= 1), "a categorical split has no categories")
        which = tree["threshold"][(tree["decision_type"] & 1).astype(bool)]
        known = np.all((which >= 0) & (which < n_cats) & (which % 1 == 0))
        _need(known, "a categorical split points nowhere")


def to_text(arrays: dict[str, np.ndarray]) -> str:
    """Write LightGBM's model text from checked arrays; numbers keep all their digits."""
    check(arrays)
    n_class, n_features = arrays["shape"].tolist()
    trees = []
    for t, (n_leaves, n_cats, tree) in enumerate(_each_tree(arrays)):
        lines = [f"Tree={t}", f"num_leaves={n_leaves}", f"num_cat={n_cats}"]
        lines += [f"{key}={' '.join(map(repr, v.tolist()))}" for key, v in tree.items() if len(v)]
        trees.append("\n".join([*lines, "is_linear=0", "shrinkage=1", "", "", ""]))
    head = {
        "version": "v4",
        "num_class": n_class,
        "num_tree_per_iteration": n_class,
        "label_index": 0,
        "max_feature_idx": n_features - 1,
        "objective": "binary sigmoid:1" if n_class == 1 else f"multiclass num_class:{n_class}",
        "feature_names": " ".join(f"Column_{j}" for j in range(n_features)),
        "feature_infos": " ".join(["none"] * n_features),
        "tree_sizes": " ".join(str(len(tree)) for tree in trees),
    }
    stated = "\n".join(f"{key}={value}" for key, value in head.items())
    return f"tree\n{stated}\n\n{''.join(trees)}end of trees\n\n"


def to_booster(arrays: dict[str, np.ndarray]) -> Any:
    """Return a LightGBM booster that predicts what the arrays say.

    Raises
    ------
    ModelFileError
        If the arrays are damaged, or LightGBM cannot be loaded here.
    """
    text = to_text(arrays)
    module = lightgbm()
    if module is None:
        raise ModelFileError("This model holds LightGBM trees: pip install lightgbm.")
    return module.Booster(model_str=text)


def check_estimator(estimator: Any) -> None:
    """Check the trees of scikit-learn inside a loaded estimator, which walk without looking.

    Raises
    ------
    ModelFileError
        If a node points outside its tree, or at a column that does not exist.
    """
    parts = [*getattr(estimator, "estimators_", [])]
    if isinstance(estimator, MeanOfModels):
        parts += estimator.estimators
    parts += [getattr(estimator, name, None) for name in ("estimator_", "hist_")]
    for part in parts:
        if part is not None:
            check_estimator(part)
    if hasattr(estimator, "tree_"):
        tree = estimator.tree_
        _check_links(tree.children_left, tree.children_right, tree.feature, tree.n_features)
    for predictor in (one for group in getattr(estimator, "_predictors", []) for one in group):
        nodes = predictor.nodes
        inner = nodes["is_leaf"] == 0
        left, right = (np.where(inner, nodes[side].astype(int), -1) for side in ("left", "right"))
        _check_links(left, right, nodes["feature_idx"], estimator.n_features_in_)
        _need(estimator._preprocessor is None, "the columns may not be those of the trees")
        listed = np.asarray(estimator._bin_mapper.is_categorical_)
        _need(listed.shape == (estimator.n_features_in_,), "the columns of categories are unknown")
        nodes, sets = nodes[inner & (nodes["is_categorical"] != 0)], predictor.raw_left_cat_bitsets
        _need(sets.ndim == 2 and sets.shape[1] == _WORDS, "the sets of categories are cut")
        known = np.all(nodes["bitset_idx"] < len(sets)) and np.all(listed[nodes["feature_idx"]])
        _need(known, "a categorical split points nowhere")


def _check_links(left: np.ndarray, right: np.ndarray, feature: np.ndarray, n_columns: int) -> None:
    """Check that every inner node has two later nodes as children, and a column that exists."""
    inner = left != -1
    number = np.flatnonzero(inner)
    _need(not np.any((right == -1) == inner), "a node has one child")
    for child in (left[inner], right[inner]):
        inside = np.all((child > number) & (child < len(left)))
        _need(inside, "a node points outside its tree")
    known = np.all((feature[inner] >= 0) & (feature[inner] < n_columns))
    _need(known, "a split uses a column that does not exist")
