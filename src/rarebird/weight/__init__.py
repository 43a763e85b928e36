"""How much does each class or row count?"""

from .class_weight import ClassWeightedClassifier, tempered_class_weights

__all__ = ["ClassWeightedClassifier", "tempered_class_weights"]
