"""Pipelines with samplers at any step: they change rows in fit, and are skipped afterwards."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
