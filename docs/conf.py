"""Sphinx: ``python -m sphinx -W --keep-going -b html docs docs/_site`` writes the documentation.

What the registry and the docstrings say becomes pages at build time (``_ext/site_pages.py``).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from rarebird import __version__

project = "rarebird"
author = project_copyright = "The rarebird developers"
version = release = __version__
extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser", "site_hooks"]
exclude_patterns = ["_site", "_ext", "_generated", "changes"]

smartquotes = False  # options are spelt with two hyphens
default_role = (
    "py:obj"  # a name in single backticks is linked where it is known, and code elsewhere
)
add_module_names = False
toc_object_entries = False
autodoc_typehints = "none"  # the types stand in the text
autodoc_class_signature = "mixed"
numpydoc_show_class_members = False  # autodoc lists them
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # included pages bring their own first heading

html_theme = "furo"  # brings its own styles and scripts, asks for nothing from outside
html_title = f"rarebird {version}"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
