"""Nothing asks which metric it is: no branch on a metric's name or on a metric itself."""

import ast
from collections.abc import Iterator

import pytest

from layout.sources import modules, tree
from rarebird import metrics as rm

NAMES = {name for full in rm.metric_names() for name in (full, full.partition("@")[0])}
OBJECTS = {name for name in rm.__all__ if isinstance(getattr(rm, name), rm.Metric)}
# (module, name): what else the word stands for there.
ALLOWED = {
    ("rarebird.decide.constraint", "precision"): "which of two quantities a constraint holds",
    ("rarebird.study.goal", "precision"): "which of two quantities a constraint holds",
}


def asked(parsed: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield (metric, line) of every comparison with a metric's name, a metric, or `metric.name`."""
    for node in ast.walk(parsed):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            sides = [node.value]
        else:
            continue
        for side in sides:
            sides.extend(side.elts if isinstance(side, ast.List | ast.Tuple | ast.Set) else ())
            if isinstance(side, ast.Constant) and side.value in NAMES:
                yield side.value, node.lineno
            elif isinstance(side, ast.Name) and side.id in OBJECTS:
                yield side.id, node.lineno
            elif isinstance(side, ast.Attribute) and side.attr in OBJECTS:
                yield side.attr, node.lineno
            elif isinstance(side, ast.Attribute) and side.attr in ("name", "title"):
                owner = ast.unparse(side.value).lower()
                if "metric" in owner or "headline" in owner:
                    yield f"{owner}.{side.attr}", node.lineno


@pytest.mark.parametrize("module", modules())
def test_no_branch_asks_which_metric_it_is(module):
    found = [one for one in asked(tree(module)) if (module, one[0]) not in ALLOWED]
    assert found == []


def test_there_are_names_and_every_exception_has_a_use():
    assert len(NAMES) >= 19 and len(OBJECTS) >= 19 and len(modules()) >= 150
    for (module, name), reason in ALLOWED.items():
        assert name in {one for one, _ in asked(tree(module))} and len(reason.split()) >= 4


@pytest.mark.parametrize(
    ("code", "n"),
    [
        ("if name == 'f1': pass", 1),
        ("x = 1 if metric in ('ap', 'roc-auc') else 2", 2),
        ("if metric is f1_score or metric == rm.recall_score: pass", 2),
        ("if goal.metric.name != wanted: pass", 1),
        ("match name:\n    case 'recall': pass", 1),
        ("if metric.needs == 'labels' and name == 'other': pass", 0),
    ],
)
def test_the_rule_can_refuse(code, n):
    assert len(list(asked(ast.parse(code)))) == n
