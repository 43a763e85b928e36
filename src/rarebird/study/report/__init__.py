"""The report of a study: one HTML file that works offline, on a phone and on paper."""

from .render import render, render_inline

__all__ = ["render", "render_inline"]
