"""The laboratory: other ways of finding scripts, tried beside the workspace's own, and where a cut-off would pay.

A trial is a changed ``Settings``. Nothing here touches a workspace; what was tried lives in memory only.
"""

from services.tuning.cut_off import ALL, Curve, curve
from services.tuning.trials import MOST, Trial, Trials, Wanted, variants, way, with_cut_off, without_cut_off

__all__ = [
    "ALL",
    "MOST",
    "Curve",
    "Trial",
    "Trials",
    "Wanted",
    "curve",
    "variants",
    "way",
    "with_cut_off",
    "without_cut_off",
]
