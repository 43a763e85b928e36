"""Exact nearest neighbours, certificates in place of searches, and the cleaning rules on them.

Everything works on a matrix and class codes and returns indices of rows; the samplers of
``rarebird.resample`` are thin shells over these functions.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
