"""Tables of every kind, and what it means to give imbalanced-learn's rows: bit for bit."""

import numpy as np
from scipy import sparse
from sklearn.datasets import make_classification

WEIGHTS = {2: [0.85, 0.15], 3: [0.7, 0.2, 0.1], 4: [0.55, 0.2, 0.15, 0.1]}
KINDS = {
    "float64": lambda X: X,
    "column-major": np.asfortranarray,
    "float32": lambda X: X.astype(np.float32),
    "int": lambda X: (X * 1000).astype(np.int32),
    "csr": lambda X: sparse.csr_matrix(np.where(np.abs(X) < 0.3, 0, X)),
    "csr of ints": lambda X: sparse.csr_array((X * 1000).astype(np.int64)),
}


def data(n_classes, seed, n=240):
    return make_classification(
        n, 8, n_informative=5, n_classes=n_classes, weights=WEIGHTS[n_classes], random_state=seed
    )


def dense(X):
    return X.toarray() if sparse.issparse(X) else X


def assert_same(one, other):
    assert type(one[0]) is type(other[0]) and one[0].dtype == other[0].dtype
    np.testing.assert_array_equal(dense(one[0]), dense(other[0]))
    np.testing.assert_array_equal(one[1], other[1])
    assert one[1].dtype == other[1].dtype
