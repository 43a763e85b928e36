"""What every loss must do, on a plain batch and on each rare case; only where PyTorch is there."""

from typing import Any

import numpy as np

from contract.checks import Method, check
from contract.rare import Rare


def batch(codes: np.ndarray, n_classes: int) -> tuple[Any, Any]:
    """Return logits that want gradients, and class codes."""
    import torch

    made = torch.Generator().manual_seed(0)
    logits = torch.randn(len(codes), n_classes, generator=made).requires_grad_()
    return logits, torch.as_tensor(np.asarray(codes, dtype=np.int64))


PLAIN = np.repeat([0, 1, 2], [20, 8, 4])


@check("loss", per_case=True)
def every_sample_has_a_finite_loss(method: Method, case: Rare) -> None:
    logits, target = batch(case.codes[:500], len(case.classes))
    values = method.make().per_sample(logits, target)
    assert tuple(values.shape) == (len(target),)
    assert bool(values.isfinite().all())


@check("loss")
def the_loss_is_the_mean_of_the_samples(method: Method) -> None:
    logits, target = batch(PLAIN, 3)
    loss = method.make()
    np.testing.assert_allclose(
        loss(logits, target).item(), loss.per_sample(logits, target).mean().item(), rtol=1e-6
    )


@check("loss")
def gradients_are_finite_and_reach_the_logits(method: Method) -> None:
    logits, target = batch(PLAIN, 3)
    method.make()(logits, target).backward()
    assert bool(logits.grad.isfinite().all()) and bool((logits.grad != 0).any())


@check("loss")
def a_step_against_the_gradient_lowers_the_loss(method: Method) -> None:
    logits, target = batch(PLAIN, 3)
    loss = method.make()
    before = loss(logits, target)
    before.backward()
    assert loss(logits.detach() - 0.1 * logits.grad, target) < before


@check("loss")
def extreme_logits_stay_finite(method: Method) -> None:
    logits, target = batch(PLAIN, 3)
    assert bool(method.make().per_sample(logits.detach() * 1e4, target).isfinite().all())
