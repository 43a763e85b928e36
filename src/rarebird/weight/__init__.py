"""Weights: how much each class or row counts."""

from .class_weight import ClassWeightedClassifier, tempered_class_weights

__all__ = ["ClassWeightedClassifier", "tempered_class_weights"]
