"""``example``: three small tables that come with scikit-learn."""

from typing import Any

from rarebird._errors import ParameterError, suggest

__all__ = ["example"]

# Of each: what scikit-learn calls its loader, and the name of the target column.
EXAMPLES = {
    "digits": ("load_digits", "is_it_an_8"),
    "breast-cancer": ("load_breast_cancer", "diagnosis"),
    "wine": ("load_wine", "grower"),
}


def example(name: str) -> tuple[Any, str]:
    """Return a small polars table and the name of its target column, the last one.

    Parameters
    ----------
    name : {"digits", "breast-cancer", "wine"}
        ``"digits"``: is a handwritten digit an 8 (1 in 10)? ``"breast-cancer"``: is a tumour
        malignant (3 in 8)? ``"wine"``: which of three growers (48 of 178 the rarest)?

    Raises
    ------
    ParameterError
        If there is no such example; near names are suggested.

    Examples
    --------
    >>> frame, target = example("digits")
    >>> frame.shape, target
    ((1797, 65), 'is_it_an_8')
    """
    if name not in EXAMPLES:
        raise ParameterError(
            f"No example is called {name!r}.{suggest(name, EXAMPLES)} "
            f"The examples are {', '.join(EXAMPLES)}."
        )
    import polars as pl
    from sklearn import datasets

    loader, target = EXAMPLES[name]
    data = getattr(datasets, loader)()
    if name == "digits":
        labels = ["yes" if digit == 8 else "no" for digit in data.target]
    else:
        labels = data.target_names[data.target].tolist()
    columns = [str(column).translate(str.maketrans(" /", "__")) for column in data.feature_names]
    frame = pl.DataFrame(data.data, schema=columns, orient="row")
    return frame.with_columns(pl.Series(target, labels)), target
