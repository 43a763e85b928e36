import numpy as np
import pytest
from scipy.stats import norm

from rarebird._errors import DataError
from rarebird.decide import PriorCorrection, correct_prior


def bayes(x, prior):
    joint = np.column_stack([p * norm.pdf(x, loc=c) for c, p in enumerate(prior)])
    return joint / joint.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("target", [[0.99, 0.01], [0.5, 0.5], [0.2, 0.8]])
def test_it_is_bayes_rule_on_gaussian_classes(target):
    x = np.linspace(-3, 4, 50)
    corrected = correct_prior(bayes(x, [0.5, 0.5]), [0.5, 0.5], target)
    np.testing.assert_allclose(corrected, bayes(x, target), rtol=1e-12)


def test_three_classes_and_the_inverse():
    x = np.linspace(-3, 4, 50)
    a, b = [0.2, 0.3, 0.5], [0.9, 0.09, 0.01]
    there = correct_prior(bayes(x, a), a, b)
    np.testing.assert_allclose(there, bayes(x, b), rtol=1e-12)
    np.testing.assert_allclose(correct_prior(there, b, a), bayes(x, a), rtol=1e-12)


def test_shares_are_scaled_and_a_float_is_the_positive_share():
    p = [0.1, 0.7]
    expected = correct_prior(p, [0.5, 0.5], [0.9, 0.1])
    np.testing.assert_allclose(correct_prior(p, [7, 7], [90, 10]), expected)
    np.testing.assert_allclose(correct_prior(p, 0.5, 0.1), expected)


def test_a_class_without_target_share_gets_zero_and_a_hopeless_row_the_target():
    out = correct_prior([[0.2, 0.3, 0.5], [0.0, 0.0, 1.0]], [1, 1, 1], [3, 1, 0])
    np.testing.assert_allclose(out, [[2 / 3, 1 / 3, 0], [0.75, 0.25, 0]])


def test_a_class_that_training_never_saw_is_refused_by_code():
    with pytest.raises(DataError, match=r"class 1 has no share in training but 0\.5"):
        correct_prior([0.5], [1, 0], [0.5, 0.5])
    assert correct_prior([0.0], [1, 0], [1, 0]).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("prior", [[1, 1, 1], [-1, 2], [0, 0], [np.nan, 1], 1.5])
def test_a_bad_prior_is_refused(prior):
    with pytest.raises(DataError, match="target_prior"):
        correct_prior([0.5], 0.5, prior)


def test_the_shell_takes_the_weighted_shares_of_its_rows():
    p, y, w = [0.5, 0.9, 0.2], [0, 1, 0], [2.0, 1.0, 7.0]
    shell = PriorCorrection([0.4, 0.6]).fit(p, y, w)
    np.testing.assert_allclose(shell.transform(p), correct_prior(p, [0.4, 0.6], [0.9, 0.1]))
