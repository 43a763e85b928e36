"""Boosted trees as checked arrays: LightGBM's model text in and out.

An altered model text can abort the process that parses it. So a model is kept as arrays, the
arrays are checked (every index in its range, every node reached exactly once), and only a text
written from checked arrays is ever handed to LightGBM.
"""

from typing import Any

import numpy as np

from rarebird._compat import lightgbm
from rarebird._errors import ModelFileError

# key in the text -> (dtype, entries for a tree of L leaves and K categorical splits)
_NODE_KEYS = {
    "split_feature": np.int32,
    "threshold": np.float64,
    "decision_type": np.int8,
    "left_child": np.int32,
    "right_child": np.int32,
}
_LEAF_KEYS = {"leaf_value": np.float64}
_CAT_KEYS = {"cat_boundaries": np.int32, "cat_threshold": np.uint32}

_COUNT_KEYS = {"leaves": np.int32, "cats": np.int32, "cat_words": np.int32, "shape": np.int32}
_DTYPES = {**_NODE_KEYS, **_LEAF_KEYS, **_CAT_KEYS, **_COUNT_KEYS}
MAX_COLUMNS = 1_000_000
_LARGEST_LEAF = 1e100  # sums over trees stay finite


def from_text(text: str) -> dict[str, np.ndarray]:
    """Read LightGBM's model text (of our own making) into arrays, trees laid end to end."""
    head, *trees = text.split("\nTree=")
    fields = dict(line.split("=", 1) for line in head.splitlines() if "=" in line)
    columns: dict[str, list] = {key: [] for key in (*_NODE_KEYS, *_LEAF_KEYS, *_CAT_KEYS)}
    leaves, cats, words = [], [], []
    for tree in trees:
        body = dict(
            line.split("=", 1) for line in tree.split("\n\n")[0].splitlines()[1:] if "=" in line
        )
        leaves.append(int(body["num_leaves"]))
        cats.append(int(body["num_cat"]))
        for key, dtype in {**_NODE_KEYS, **_LEAF_KEYS, **_CAT_KEYS}.items():
            values = np.array(body[key].split() if body.get(key) else [], dtype=np.float64)
            columns[key].append(values.astype(dtype))
        words.append(len(columns["cat_threshold"][-1]))
    arrays = {key: np.concatenate(parts) for key, parts in columns.items()}
    arrays["leaves"] = np.array(leaves, dtype=np.int32)
    arrays["cats"] = np.array(cats, dtype=np.int32)
    arrays["cat_words"] = np.array(words, dtype=np.int32)
    arrays["shape"] = np.array(
        [int(fields["num_class"]), int(fields["max_feature_idx"]) + 1], dtype=np.int32
    )
    return arrays


def _fail(what: str) -> None:
    raise ModelFileError(f"The trees of this model are damaged: {what}. Train or copy it again.")


def _slices(sizes: np.ndarray) -> list[slice]:
    ends = np.cumsum(sizes)
    return [slice(int(end - size), int(end)) for end, size in zip(ends, sizes, strict=True)]


def check(arrays: dict[str, np.ndarray]) -> None:
    """Check that the arrays describe trees.

    Raises
    ------
    ModelFileError
        If a length, an index or the shape of a tree is impossible.
    """
    if not isinstance(arrays, dict) or set(arrays) != set(_DTYPES):
        _fail("the fields are not those of a tree model")
    if any(not isinstance(a, np.ndarray) or a.ndim != 1 for a in arrays.values()):
        _fail("a field is not a plain array")
    for key, array in arrays.items():
        if array.dtype != _DTYPES[key]:
            _fail(f"{key} has numbers of another kind")
    # sums and differences of altered 32-bit numbers must not wrap around
    leaves, cats, words = (arrays[k].astype(np.int64) for k in ("leaves", "cats", "cat_words"))
    if len(arrays["shape"]) != 2 or arrays["shape"].min() < 1 or not len(leaves):
        _fail("it has no trees or no columns")
    if arrays["shape"][1] > MAX_COLUMNS:
        _fail(f"it has more than {MAX_COLUMNS:,} columns")
    if not len(leaves) == len(cats) == len(words):
        _fail("the trees have different numbers of fields")
    if leaves.min() < 1 or cats.min() < 0 or words.min() < 0 or len(leaves) % arrays["shape"][0]:
        _fail("the number of leaves is impossible")
    if np.any(cats >= leaves) or np.any(words[cats == 0]):
        _fail("a tree has more categorical splits than splits")
    expected = {key: (leaves - 1).sum() for key in _NODE_KEYS}
    expected |= {"leaf_value": leaves.sum(), "cat_threshold": words.sum()}
    expected["cat_boundaries"] = (cats + (cats > 0)).sum()
    for key, size in expected.items():
        if len(arrays[key]) != size:
            _fail(f"{key} has {len(arrays[key])} entries instead of {size}")
    if not np.all(np.abs(arrays["leaf_value"]) < _LARGEST_LEAF):
        _fail("a leaf is not a usable number")
    if not np.all(arrays["threshold"] > -np.inf):  # +inf parts missing values from all others
        _fail("a threshold is not a number")
    kinds = arrays["decision_type"]
    if np.any((kinds < 0) | (kinds >= 12)):  # bits: categorical, default left, two for missing
        _fail("a split is of an unknown kind")
    features = arrays["split_feature"]
    if features.size and (features.min() < 0 or features.max() >= arrays["shape"][1]):
        _fail("a split uses a column that does not exist")
    rows = zip(_slices(leaves - 1), _slices(cats + (cats > 0)), leaves, cats, words, strict=True)
    for node, bound, n_leaves, n_cats, n_words in rows:
        children = np.concatenate([arrays["left_child"][node], arrays["right_child"][node]])
        # every node but the root, and every leaf (as -1, -2, ...), is the child of exactly one node
        every = np.concatenate([np.arange(1, n_leaves - 1), -np.arange(1, n_leaves + 1)])
        if n_leaves > 1 and not np.array_equal(np.sort(children), np.sort(every)):
            _fail("a tree's nodes do not form a tree")
        parents = np.tile(np.arange(n_leaves - 1), 2)
        if np.any(children[children > 0] <= parents[children > 0]):
            _fail("a tree has a loop")
        if n_cats:
            edges = arrays["cat_boundaries"][bound].astype(np.int64)
            if edges[0] != 0 or edges[-1] != n_words or np.any(np.diff(edges) < 1):
                _fail("a categorical split has no categories")
        is_cat = (arrays["decision_type"][node] & 1).astype(bool)
        which = arrays["threshold"][node][is_cat]
        if which.size and (which.min() < 0 or which.max() >= n_cats or np.any(which % 1)):
            _fail("a categorical split points nowhere")


def to_text(arrays: dict[str, np.ndarray]) -> str:
    """Write LightGBM's model text from checked arrays; numbers keep all their digits."""
    check(arrays)
    n_class, n_features = (int(v) for v in arrays["shape"])
    objective = "binary sigmoid:1" if n_class == 1 else f"multiclass num_class:{n_class}"
    head = [
        "tree",
        "version=v4",
        f"num_class={n_class}",
        f"num_tree_per_iteration={n_class}",
        "label_index=0",
        f"max_feature_idx={n_features - 1}",
        f"objective={objective}",
        "feature_names=" + " ".join(f"Column_{j}" for j in range(n_features)),
        "feature_infos=" + " ".join(["none"] * n_features),
    ]
    trees = []
    nodes, leaf = _slices(arrays["leaves"] - 1), _slices(arrays["leaves"])
    bounds = _slices(arrays["cats"] + (arrays["cats"] > 0))
    words = _slices(arrays["cat_words"])
    for t, (n_leaves, n_cats) in enumerate(zip(arrays["leaves"], arrays["cats"], strict=True)):
        where = {
            **dict.fromkeys(_NODE_KEYS, nodes[t]),
            "leaf_value": leaf[t],
            "cat_boundaries": bounds[t],
            "cat_threshold": words[t],
        }
        lines = [f"Tree={t}", f"num_leaves={n_leaves}", f"num_cat={n_cats}"]
        for key, part in where.items():
            values = arrays[key][part]
            if len(values):
                write = repr if values.dtype.kind == "f" else str
                lines.append(f"{key}=" + " ".join(write(v.item()) for v in values))
        lines += ["is_linear=0", "shrinkage=1", "", ""]
        trees.append("\n".join(lines) + "\n")
    head.append("tree_sizes=" + " ".join(str(len(tree)) for tree in trees))
    return "\n".join(head) + "\n\n" + "".join(trees) + "end of trees\n\n"


def to_booster(arrays: dict[str, np.ndarray]):
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
    for part in getattr(estimator, "estimators_", []):
        check_estimator(part)
    for name in ("estimator_", "hist_"):
        if getattr(estimator, name, None) is not None:
            check_estimator(getattr(estimator, name))
    if hasattr(estimator, "tree_"):
        tree = estimator.tree_
        _check_links(tree.children_left, tree.children_right, tree.feature, tree.n_features)
    for predictors in getattr(estimator, "_predictors", []):
        for predictor in predictors:
            nodes = predictor.nodes
            inner = nodes["is_leaf"] == 0
            left, right = (
                np.where(inner, nodes[side].astype(int), -1) for side in ("left", "right")
            )
            _check_links(left, right, nodes["feature_idx"], estimator.n_features_in_)


def _check_links(left: np.ndarray, right: np.ndarray, feature: np.ndarray, n_columns: int) -> None:
    """Check that every inner node has two later nodes as children, and a column that exists."""
    inner = left != -1
    number = np.flatnonzero(inner)
    if np.any((right == -1) == inner):
        _fail("a node has one child")
    for child in (left[inner], right[inner]):
        if np.any((child <= number) | (child >= len(left))):
            _fail("a node points outside its tree")
    if np.any((feature[inner] < 0) | (feature[inner] >= n_columns)):
        _fail("a split uses a column that does not exist")
