"""Why the rare class is hard: one file per question, each answer a `Check`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
