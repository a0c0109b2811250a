"""Settling near-duplicates: both are meant, or one of them goes."""

from collections.abc import Mapping

from services.domain.settled import Meant, Pair
from services.errors import InvalidInput, NotFound, RecordMoved
from services.ground.clock import now
from services.ports import RecordStore, SettledStore

_LOOK = "Compare the two once more."


def settle(bases: Mapping[str, str], *, by: str, store: RecordStore, settled: SettledStore) -> Meant:
    """Take two scripts, named by id with the digest of the record that was looked at, as both meant.

    ``by`` is who says so, as far as they signed.

    Raises:
        InvalidInput: these are not two scripts, or what was settled before cannot be read.
        NotFound: one of them is gone.
        RecordMoved: somebody has changed one of them meanwhile.
        WorkspaceBusy, StorageFailed: nothing was stored.
    """
    if len(bases) != 2:  # noqa: PLR2004
        raise InvalidInput("Two scripts are settled at a time.", "Name two different ones.")
    with store.writing("settling two near-duplicates"):
        records = store.catalogue().records
        for script_id, base in bases.items():
            if script_id not in records:
                raise NotFound(f"'{script_id}' was deleted meanwhile.", "There is nothing to settle any more.")
            if records[script_id].digest != base:
                title = records[script_id].script.title
                raise RecordMoved(f"'{title}' was changed by somebody else meanwhile.", _LOOK)
        one, other = (records[script_id].script for script_id in bases)
        meant = Meant.of(one, other, by, now())
        settled.put(meant)
    return meant


def take_back(pair: Pair, *, store: RecordStore, settled: SettledStore) -> None:
    """Let two near-duplicates come up again. Raises ``InvalidInput``, ``WorkspaceBusy``, ``StorageFailed``."""
    with store.writing("taking back what was settled"):
        settled.forget(pair)
