"""The health of a workspace, drawn: a sentence, a matrix, and what was found."""

import pandas as pd
import streamlit as st

from pages.ui import frame, words
from services.domain.checks import Cell, Check, CollectionHealth, Health
from services.domain.model_digest import State
from services.ports import Catalogue
from services.workbench import Workbench

_HEADINGS = {check: name.capitalize() for check, name in words.CHECKS.items()}
_MOST_NAMED = 30
_LIBRARY = frame.PAGES / "library.py"


def verdict(health: Health) -> None:
    """One sentence first."""
    st.header(_sentence(health), anchor=False)
    st.caption(
        f"{_size(health)}Trust here is about the model and its vectors: it embedded the scripts, still answers as it "
        "did then, and the index holds what the records say. Whether a script suits a question is another matter."
    )


def _size(health: Health) -> str:
    scripts, passages = sum(c.records for c in health.collections), sum(c.passages for c in health.collections)
    return f"{words.count(scripts, 'script')} as {words.count(passages, 'passage')}. " if passages else ""


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


def nothing_yet() -> None:
    """What belongs here, and the first step."""
    st.markdown("Once there are scripts, this page says whether what is retrieved from them can be trusted, and why.")
    st.page_link(_LIBRARY, label="Write or import the first one", icon=":material/menu_book:")


def matrix(health: Health) -> None:
    """One row a collection, one column a check; on a phone, what is to be said of each collection."""
    headings = {
        heading: st.column_config.TextColumn(help=_HELP[check], width=_WIDTHS[check])
        for check, heading in _HEADINGS.items()
    }
    with st.container(key="wide_only"):
        st.dataframe(
            pd.DataFrame([_row(c) for c in health.collections]),
            hide_index=True,
            column_config={
                "Collection": st.column_config.TextColumn(pinned=True, width=105),
                "State": st.column_config.TextColumn(
                    help="; ".join(f"{words.state(s)}: {meaning}" for s, meaning in words.MEANINGS.items()),
                    pinned=True,
                    width=105,
                ),
                **headings,
            },
            alt="One row a collection, one column a check",
        )
    with st.container(key="narrow_only", gap="small"):
        for collection in health.collections:
            cells = [f"{_HEADINGS[c.check]} {words.cell(c)}" for c in collection.cells if not c.fine]
            aside = "  \n".join(words.plain(cell) for cell in cells) or "every check is fine" * bool(collection.cells)
            st.markdown(f"**{words.section(collection.section)}** {_state(collection)}")
            st.caption(aside)


def _state(collection: CollectionHealth) -> str:
    """The state as far as it is known: what no check has looked at yet must not look like a match."""
    if not collection.passages:
        return "empty"
    if collection.measured is None and collection.state is State.MATCH:
        return f"{words.SHAPES[State.UNVERIFIED]} unchecked"
    return words.state(collection.state)


# Pixels: together as wide as a page of 1440 has room for.
_WIDTHS = {
    Check.MODEL: 145,
    Check.CANARIES: 122,
    Check.EVIDENCE: 132,
    Check.AGREEMENT: 92,
    Check.PREPARATION: 102,
    Check.VECTORS: 84,
    Check.INDEX: 84,
    Check.UNREAD: 92,
    Check.RANKINGS: 92,
    Check.SHIFT: 88,
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
        "State": _state(collection),
        **{heading: words.cell(collection.cell(check)) for check, heading in _HEADINGS.items()},
    }


def findings(health: Health, catalogue: Catalogue) -> None:
    """What was found: what was seen, what it means. The buttons that mend it follow."""
    alike: dict[object, list[CollectionHealth]] = {}
    for collection in health.collections:
        if found := _found(collection):
            alike.setdefault((collection.random, collection.reason, tuple(_line(c) for c in found)), []).append(
                collection
            )
    for collections in alike.values():
        _box(collections, catalogue)
    if health.failure:
        st.warning(f"**The model could not be asked.** {words.plain(health.failure)} Nothing is lost by it.")
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


def _found(collection: CollectionHealth) -> list[Cell]:
    """What is wrong with a collection. What waits for a check, or could not be asked, is said once elsewhere."""
    return [c for c in collection.cells if not c.fine and c.short not in ("not checked yet", "not asked")]


def _box(collections: list[CollectionHealth], catalogue: Catalogue) -> None:
    """One box for collections of which the same is to be said."""
    first = collections[0]
    named = words.listed([words.section(collection.section) for collection in collections])
    lines = [f"**{words.SHAPES[first.state]} {named}.** {words.plain(first.reason)}", ""]
    lines += [f"- {_line(found)}" for found in _found(first)]
    for collection in collections:
        looked = len(collection.measured.evidence.cosines) if collection.measured else 0
        if 0 < len(collection.foreign) < looked:
            lines.append(f"- Embedded by another model: {_titles(collection.foreign, catalogue)}.")
        lines += [f"- {words.plain(finding)}" for finding in collection.findings[1:5]]
    (st.error if first.random else st.warning)("\n".join(lines))


def _titles(scripts: tuple[str, ...], catalogue: Catalogue) -> str:
    known = [catalogue.records[i].script.title if i in catalogue.records else i for i in scripts[:_MOST_NAMED]]
    more = len(scripts) - len(known)
    return "; ".join(words.plain(title) for title in known) + (f" and {more:,} more" if more > 0 else "")


def _line(found: Cell) -> str:
    """What a finding means, in words; what was compared stands below, for who wants to know."""
    return f"**{_HEADINGS[found.check]}**: {words.plain(found.means or found.compared)}"


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
                st.markdown("\n".join(f"- {_compared(found)}" for found in collection.cells))
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


def _compared(found: Cell) -> str:
    shape = f"{words.SHAPES[found.state]} " if found.state else ""
    return f"{shape}{_HEADINGS[found.check]}: {words.plain(found.compared)} {words.plain(found.means)}".strip()
