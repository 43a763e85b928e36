"""A loss in one file: minus the logarithm of the true class's probability."""

import torch

from rarebird.registry import register


@register(
    name="dummy-cross-entropy",
    role="loss",
    place="loss",
    tasks=("binary", "multiclass"),
    inputs=("scores",),
    summary="Minus the logarithm of the true class's probability.",
    evidence="closed form",
    rare_cases="each sample has its own loss, so absent and single classes work",
    example={},
    requires=("deep",),
)
class DummyCrossEntropy(torch.nn.Module):
    """Return -log softmax(z)_y of each sample, and their mean.

    Examples
    --------
    >>> loss = DummyCrossEntropy()
    >>> loss.per_sample(torch.zeros(2, 4), torch.tensor([0, 3])).tolist()
    [1.3862943649291992, 1.3862943649291992]
    """

    def per_sample(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss of each sample, shape (B,), for logits (B, C) and class codes (B,)."""
        return torch.nn.functional.cross_entropy(logits, target, reduction="none")

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean of `per_sample`."""
        return self.per_sample(logits, target).mean()
