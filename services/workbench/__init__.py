"""All that can be done with a workspace. ``from services.workbench import Workbench``."""

import contextlib

from services.errors import ScriptoriumError
from services.workbench.charting import Charting
from services.workbench.comparing import Comparing
from services.workbench.curating import Curating
from services.workbench.exchanging import Exchanging
from services.workbench.settling import Settling
from services.workbench.taking_in import TakingIn
from services.workbench.taking_out import TakingOut
from services.workbench.tuning import Tuning
from services.workbench.understanding import Understanding


class Workbench(Curating, Settling, Exchanging, Tuning, Comparing, Charting, Understanding, TakingIn, TakingOut):
    """All that can be done with an open workspace.

    Safe to use from several threads; one process owns the stored index, others answer in memory.
    """

    def warm(self) -> None:
        """Load what the first visitor needs, where that costs nothing but time: no server is asked."""
        self.shelf  # noqa: B018  it is kept
        if self.embedder().local:
            with contextlib.suppress(ScriptoriumError):  # whoever asks is told
                self._asking().embed_query("warm")
