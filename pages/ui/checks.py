"""The health of a workspace, drawn: a sentence, a matrix, and what was found."""

import pandas as pd
import streamlit as st

from pages.ui import words
from services.checks import Cell, Check, CollectionHealth, Health
from services.model_digest import State
from services.workbench import Workbench

_HEADINGS = {check: name.capitalize() for check, name in words.CHECKS.items()}
_MOST_NAMED = 30


def verdict(health: Health) -> None:
    """One sentence first."""
    st.header(_sentence(health), anchor=False)
    st.caption(
        "Trust here means: the scripts were embedded by the model that asks, it still answers as it did then, their "
        "text was prepared as it would be today, and the index holds exactly what the records say."
    )


def _sentence(health: Health) -> str:
    filled = [c for c in health.collections if c.passages]
    everything = "The collection" if len(filled) == 1 else f"All {words.number(len(filled))} collections"
    random = [c for c in filled if c.random]
    if random:
        who = everything if len(random) == len(filled) else words.listed([words.section(c.section) for c in random])
        return f"{who} {_WHY[_why(random)][len(random) > 1]}: what would be returned is random"
    if health.failure:
        return "The model cannot be asked: nothing can be said for sure"
    unchecked = [c for c in filled if c.measured is None]
    doubtful = [words.section(c.section) for c in filled if not c.fine and c not in unchecked]
    if doubtful:
        return f"{words.listed(doubtful)} {'needs' if len(doubtful) == 1 else 'need'} attention"
    if unchecked:
        return "What is recorded fits; the model itself has not been asked yet"
    return _rest(health, everything, filled=bool(filled))


def _rest(health: Health, everything: str, *, filled: bool) -> str:
    """Where every collection is sound."""
    if health.problems:
        return "Something needs attention"
    left_out = len(health.broken) + len(health.left_out)
    if left_out:
        noun = "file" if health.broken else "script"
        aside = f"{words.count(left_out, noun)} {'is' if left_out == 1 else 'are'} left out"
        return f"{everything} can be trusted, but {aside}" if filled else f"Nothing can be retrieved: {aside}"
    return f"{everything} can be trusted" if filled else "There is nothing to retrieve from yet"


# Of one collection, and of several.
_WHY = {
    "other": ("was embedded by another model", "were embedded by another model"),
    "part": ("was embedded by two models", "were embedded by two models"),
    "moved": ("was embedded by a model that has changed since", "were embedded by a model that has changed since"),
    "each": ("cannot be trusted", "cannot be trusted"),
}


def _why(random: list[CollectionHealth]) -> str:
    kinds = {_kind(collection) for collection in random}
    return kinds.pop() if len(kinds) == 1 else "each"


def _kind(collection: CollectionHealth) -> str:
    if collection.state is State.DRIFTED:
        return "moved"
    looked = len(collection.measured.evidence.cosines) if collection.measured else 0
    return "part" if 0 < len(collection.foreign) < looked else "other"


def matrix(health: Health) -> None:
    """One row a collection, one column a check."""
    headings = {
        heading: st.column_config.TextColumn(help=_HELP[check], width=_WIDTHS[check])
        for check, heading in _HEADINGS.items()
    }
    st.dataframe(
        pd.DataFrame([_row(c) for c in health.collections]),
        hide_index=True,
        column_config={
            "State": st.column_config.TextColumn(
                help="; ".join(f"{words.state(s)}: {meaning}" for s, meaning in words.MEANINGS.items()),
                pinned=True,
                width=110,
            ),
            "Collection": st.column_config.TextColumn(pinned=True, width=110),
            "Scripts": st.column_config.NumberColumn(help="Scripts kept in this section"),
            **headings,
        },
        alt="One row a collection, one column a check",
    )


# Pixels: together as wide as a page of 1440 has room for.
_WIDTHS = {
    Check.MODEL: 150,
    Check.CANARIES: 125,
    Check.EVIDENCE: 130,
    Check.AGREEMENT: 90,
    Check.PREPARATION: 110,
    Check.VECTORS: 85,
    Check.INDEX: 80,
    Check.UNREAD: 95,
    Check.RANKINGS: 115,
    Check.SHIFT: 85,
}
_HELP = {
    Check.MODEL: "The recorded model digest against that of the model that asks",
    Check.CANARIES: "A few fixed sentences, embedded when the model was first used and again now: the smallest cosine",
    Check.EVIDENCE: "Stored passages embedded once more, against their stored vectors: the smallest cosine",
    Check.AGREEMENT: "Whether all collections were made by the same model and in the same way",
    Check.PREPARATION: "The recorded recipe digest against today's: how scripts are cut into passages",
    Check.VECTORS: "Dimensions, unit length, no missing numbers, and the distance function of the index",
    Check.INDEX: "Whether the index holds exactly the records, by digest, and finds them by their own vectors",
    Check.UNREAD: "How much of the words stands in no passage that the model reads",
    Check.RANKINGS: "How many of the saved questionnaires get a ranking that says more than chance",
    Check.SHIFT: "How far the middle of the section's vectors has moved since the check that it is compared with",
}


def _row(collection: CollectionHealth) -> dict[str, object]:
    return {
        "Collection": words.section(collection.section),
        "State": words.state(collection.state) if collection.passages else "empty",
        "Scripts": collection.records,
        **{heading: words.cell(collection.cell(check)) for check, heading in _HEADINGS.items()},
    }


def findings(health: Health) -> None:
    """What was found: what was seen, what it means. The buttons that mend it follow."""
    for collection in health.collections:
        _collection(collection)
    if health.failure:
        st.warning(f"**The model could not be asked.** {words.plain(health.failure)}")
    for problem in health.problems:
        st.warning(words.plain(problem))
    for broken in health.broken:
        st.warning(f"**{words.plain(broken.cause)}** It is left out; the rest works. {words.plain(broken.next_step)}")
    if health.left_out:
        with st.expander(f"{words.count(len(health.left_out), 'script')} not in the index", expanded=True):
            for script, reason in list(health.left_out.items())[:50]:
                st.markdown(f"- {words.plain(script)}: {words.plain(reason)}")
    for note in health.notes:
        st.info(words.plain(note))


def _collection(collection: CollectionHealth) -> None:
    """One box for everything that is wrong with a collection."""
    # What waits for a check is said once, above; a model that could not be asked likewise, below.
    found = [cell for cell in collection.cells if not cell.fine and cell.short not in ("not checked yet", "not asked")]
    if not found:
        return
    lines = [
        f"**{words.state(collection.state)} · {words.section(collection.section)}.** {words.plain(collection.reason)}"
    ]
    lines += [f"- {_line(cell)}" for cell in found]
    looked = len(collection.measured.evidence.cosines) if collection.measured else 0
    if 0 < len(collection.foreign) < looked:
        some = ", ".join(collection.foreign[:_MOST_NAMED])
        more = len(collection.foreign) - _MOST_NAMED
        lines.append(f"- Embedded by another model: {words.plain(some)}{f' and {more:,} more' if more > 0 else ''}.")
    for finding in collection.findings[1:5]:
        lines.append(f"- {words.plain(finding)}")
    (st.error if collection.random else st.warning)("\n".join(lines))


def _line(cell: Cell) -> str:
    shape = words.SHAPES[cell.state] if cell.state else ""
    return f"{shape} {_HEADINGS[cell.check]}: {words.plain(cell.compared)} {words.plain(cell.means)}".strip()


def cell(health: Health, address: str) -> None:
    """The cell that the address names as ``section.check``, such as a banner's link."""
    section, _, name = address.partition(".")
    collection = next((c for c in health.collections if c.section == section), None)
    found = next((c for c in collection.cells if c.check.value == name), None) if collection else None
    if collection is None or found is None:
        return
    with st.container(border=True):
        state = words.state(found.state) if found.state else found.short
        st.markdown(f"**{words.section(section)} · {_HEADINGS[found.check]}: {state}**")
        st.markdown(f"{words.plain(found.compared)} {words.plain(found.means)}".strip())


def details(health: Health, workbench: Workbench) -> None:
    """For the engineer: what was compared in every cell, and digests in full."""
    with st.expander("What was compared, cell by cell"):
        for collection in health.collections:
            if collection.cells:
                st.markdown(f"**{words.section(collection.section)}**")
                st.markdown("\n".join(f"- {_line(found)}" for found in collection.cells))
    with st.expander("Details for engineers"):
        st.caption(
            f"Index: {health.index}, generation {health.generation or 'in memory'}. "
            f"Asking with {workbench.embedder().name}."
        )
        asked = health.collections[0].query
        st.caption("Model that asks, its model digest and its recipe digest")
        st.code(f"{asked.model_name}\n{asked.model_digest}\n{asked.recipe_digest}", language=None)
        for collection in health.collections:
            if collection.recorded is not None:
                st.caption(f"{words.section(collection.section)}: recorded model, model digest and recipe digest")
                recorded = collection.recorded
                st.code(f"{recorded.model_name}\n{recorded.model_digest}\n{recorded.recipe_digest}", language=None)
