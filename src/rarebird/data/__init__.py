"""Tables in: files, data frames of any kind, three small examples, and rare classes on order."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
