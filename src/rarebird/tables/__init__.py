"""Tables of any kind, and one executor of plans: which rows come out, and how new ones arise."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
