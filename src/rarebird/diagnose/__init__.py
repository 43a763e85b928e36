"""Why the rare class is hard: one file per question, each answer a `Check`."""

from .check import CODES, Check, Code
from .column import Column
from .drift import drift_check, order_check, share_over_time
from .duplicates import duplicate_checks, duplicate_groups
from .evidence import (
    effective_sample,
    evidence_checks,
    needed_positives,
    rare_code,
    smallest_difference,
)
from .files import compare_files
from .groups import groups_check
from .interpolated import interpolated_rows, interpolated_rows_check
from .label_noise import confident_labels, label_noise_check
from .leakage import leakage_checks
from .one_column import auc_of_counts, column_auc, rate_auc
from .overlap import overlap_check, rarity_types
from .profile import Profile, profile_table, typed_frame
from .shared import shared_rows, shared_rows_check

__all__ = [
    "CODES",
    "Check",
    "Code",
    "Column",
    "Profile",
    "auc_of_counts",
    "column_auc",
    "compare_files",
    "confident_labels",
    "drift_check",
    "duplicate_checks",
    "duplicate_groups",
    "effective_sample",
    "evidence_checks",
    "groups_check",
    "interpolated_rows",
    "interpolated_rows_check",
    "label_noise_check",
    "leakage_checks",
    "needed_positives",
    "order_check",
    "overlap_check",
    "profile_table",
    "rare_code",
    "rarity_types",
    "rate_auc",
    "share_over_time",
    "shared_rows",
    "shared_rows_check",
    "smallest_difference",
    "typed_frame",
]
