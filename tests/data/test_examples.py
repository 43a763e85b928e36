"""The three examples are scikit-learn's tables."""

import numpy as np
import pytest
from sklearn import datasets

from rarebird._errors import ParameterError
from rarebird.data import example

LOADERS = {
    "digits": (datasets.load_digits, lambda data: data.target == 8),
    "breast-cancer": (datasets.load_breast_cancer, lambda data: data.target == 0),
    "wine": (datasets.load_wine, lambda data: data.target == 2),
}
RARE = {"digits": "yes", "breast-cancer": "malignant", "wine": "class_2"}


@pytest.mark.parametrize("name", LOADERS)
def test_the_values_and_the_rare_rows_are_scikit_learns(name):
    frame, target = example(name)
    load, rare = LOADERS[name]
    data = load()
    np.testing.assert_array_equal(frame.drop(target).to_numpy(), data.data)
    np.testing.assert_array_equal((frame[target] == RARE[name]).to_numpy(), rare(data))
    assert frame.columns[-1] == target
    assert frame.null_count().sum_horizontal().item() == 0


def test_names_are_those_promised():
    assert example("digits")[1] == "is_it_an_8"
    assert example("digits")[0].columns[9] == "pixel_1_1"
    assert example("breast-cancer")[1] == "diagnosis"


def test_an_unknown_name_suggests_a_near_one():
    with pytest.raises(ParameterError, match="Did you mean 'digits'"):
        example("digit")
