"""The main job: a person's file in, an honest report and a usable model out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
