"""rarebird: learning when some outcomes are rare.

Every public name lives in a folder of its own; importing one loads nothing else:

- ``data``, ``tables``: reading files, and tables of any kind;
- ``diagnose``: why a rare class is hard, and what may be wrong with the data;
- ``resample``, ``pipeline``: which rows a learner sees, and which new ones;
- ``weight``: how much each row counts;
- ``ensemble``: which members, and who votes;
- ``decide``: how a score becomes a probability, and a probability an action;
- ``estimators``: the baseline and the learners behind the treatments;
- ``metrics``: how good it is, and how sure one can be;
- ``neighbors``: exact nearest neighbours, under most resamplers;
- ``study``: the main job, which compares all that applies and writes a report and a model;
- ``registry``: the list of all methods, with evidence.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
