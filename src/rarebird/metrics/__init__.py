"""How good it is, and how sure one can be: metrics, curves, intervals, tests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
