"""Resampling: which rows a learner sees, and which new ones."""

from .adasyn import ADASYN
from .all_knn import AllKNN
from .base import Resampler
from .borderline_smote import BorderlineSMOTE
from .classifier import CorrectedClassifier, ResampledClassifier
from .cluster_centroids import ClusterCentroids
from .clustered_under_sampler import ClusteredUnderSampler
from .condensed_nearest_neighbour import CondensedNearestNeighbour
from .diversity_under_sampler import DiversityUnderSampler
from .edited_nearest_neighbours import EditedNearestNeighbours
from .function_sampler import FunctionSampler
from .gsmote import GeometricSMOTE
from .instance_hardness_threshold import InstanceHardnessThreshold
from .kmeans_smote import KMeansSMOTE
from .leak import LeakReport, assert_no_leak, find_leaks
from .lee import Lee
from .loras import LoRAS
from .mlros import MLROS
from .mlrus import MLRUS
from .mlsmote import MLSMOTE
from .multilabel import MultilabelResampler, cvir, irlbl, mean_ir, scumble
from .mwmote import MWMOTE
from .near_miss import NearMiss
from .neighbourhood_cleaning_rule import NeighbourhoodCleaningRule
from .nras import NRAS
from .one_sided_selection import OneSidedSelection
from .plan import AllRows, Explicit, Interpolated, Kept, Perturbed, Plan
from .polynom_fit_smote import PolynomFitSMOTE
from .prowsyn import ProWSyn
from .random_over_sampler import RandomOverSampler
from .random_under_sampler import RandomUnderSampler
from .random_walk import RandomWalkOversampler
from .repeated_edited_nearest_neighbours import RepeatedEditedNearestNeighbours
from .safe_level_smote import SafeLevelSMOTE
from .smobd import SMOBD
from .smote import SMOTE
from .smote_enn import SMOTEENN
from .smote_ipf import SMOTEIPF
from .smote_tomek import SMOTETomek
from .smoten import SMOTEN
from .smotenc import SMOTENC
from .svm_smote import SVMSMOTE
from .targets import sampling_targets
from .tomek_links import TomekLinks
from .vector_quantization import VectorQuantizationSampler

__all__ = [
    "ADASYN",
    "MLROS",
    "MLRUS",
    "MLSMOTE",
    "MWMOTE",
    "NRAS",
    "SMOBD",
    "SMOTE",
    "SMOTEENN",
    "SMOTEIPF",
    "SMOTEN",
    "SMOTENC",
    "SVMSMOTE",
    "AllKNN",
    "AllRows",
    "BorderlineSMOTE",
    "ClusterCentroids",
    "ClusteredUnderSampler",
    "CondensedNearestNeighbour",
    "CorrectedClassifier",
    "DiversityUnderSampler",
    "EditedNearestNeighbours",
    "Explicit",
    "FunctionSampler",
    "GeometricSMOTE",
    "InstanceHardnessThreshold",
    "Interpolated",
    "KMeansSMOTE",
    "Kept",
    "LeakReport",
    "Lee",
    "LoRAS",
    "MultilabelResampler",
    "NearMiss",
    "NeighbourhoodCleaningRule",
    "OneSidedSelection",
    "Perturbed",
    "Plan",
    "PolynomFitSMOTE",
    "ProWSyn",
    "RandomOverSampler",
    "RandomUnderSampler",
    "RandomWalkOversampler",
    "RepeatedEditedNearestNeighbours",
    "ResampledClassifier",
    "Resampler",
    "SMOTETomek",
    "SafeLevelSMOTE",
    "TomekLinks",
    "VectorQuantizationSampler",
    "assert_no_leak",
    "cvir",
    "find_leaks",
    "irlbl",
    "mean_ir",
    "sampling_targets",
    "scumble",
]
