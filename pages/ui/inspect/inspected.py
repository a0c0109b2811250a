"""A stranger's store, inspected and drawn: a sentence, a row a collection, what was found, and the figures."""

import re

import pandas as pd
import streamlit as st

from pages.ui import words
from pages.ui.inspect.inspecting import Looked
from services.domain.inspection import ClaimInspection, CollectionInspection, Finding, Origin, fraction, listed, mixture

_MOST_DRAWN = 20
_HOLDS = {True: "● true", False: "■ false", None: "○ not checked"}
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
# What to do about each kind of finding that makes retrieval worse.
_STEPS = {
    "comparison": "Ask it with the model that made it, or embed its documents anew.",
    "claim": "Correct what the store says of itself, or embed its documents anew with the model that it names.",
    "documents": "Bring the missing documents back from where the store was filled.",
    "vectors": "Embed these rows anew.",
    "length": "Ask it with cosine distance, or bring every vector to length 1.",
    "duplicates": "Remove the copies: they take the places of others in every answer.",
    "bunching": "Embed its documents anew, with another model or cut into smaller pieces.",
    "unread": "Cut the documents into passages that the model reads whole.",
}
_HEADLINES = {
    Origin.ONE: "was embedded by {model}",
    Origin.NEAR: "was embedded by something close to {model}, but not by it",
    Origin.NONE: "was embedded by none of the models that are set up here",
    Origin.UNKNOWN: "could not be checked",
    Origin.EMPTY: "is empty",
}
_WAYS_OUT = {
    Origin.ONE: "Ask it with that model.",
    Origin.NONE: "Questions embedded by any of them would get random answers. Find the model that made it and set it "
    "up here, or import its scripts below: they are embedded anew.",
    Origin.MIXED: "What one question finds depends on who embedded what. Embed it all anew with one model, or import "
    "its scripts below.",
    Origin.NEAR: "Answers are nearly right. Ask it with the very model that made it, or import its scripts below.",
    Origin.UNKNOWN: "Nothing is known of its model, so nothing that it answers can be trusted yet.",
}


def verdict(looked: Looked) -> None:
    """One sentence first."""
    st.header(words.plain(looked.inspection.verdict.removesuffix(".")), anchor=False)
    st.caption(f"{looked.inspection.kind} · {words.plain(looked.shown)} · inspected in {looked.seconds:.1f} s")


def table(looked: Looked) -> None:
    """One row a collection."""
    if not looked.inspection.collections:
        return
    st.dataframe(
        pd.DataFrame([_row(c) for c in looked.inspection.collections]),
        hide_index=True,
        column_config={
            "Collection": st.column_config.TextColumn(pinned=True),
            "State": st.column_config.TextColumn(
                help="● match: one model that is set up here made every vector that was compared; ■ mismatch: another "
                "one did, or the store claims another; ▲ drifted: nearly; ○ unverified: nothing could be compared",
            ),
            "Documents": st.column_config.NumberColumn(format="localized", help="Rows in the collection"),
            "Dimensions": st.column_config.NumberColumn(help="Numbers in a vector", format="localized"),
            "Claims": st.column_config.TextColumn(help="What the store says of the model, and whether that is so"),
            "Length": st.column_config.TextColumn(help="Whether every vector has length 1"),
            "Distance": st.column_config.TextColumn(help="What its index ranks by"),
        },
        alt="One row a collection",
    )


def _row(collection: CollectionInspection) -> dict[str, object]:
    empty = collection.origin is Origin.EMPTY
    return {
        "Collection": collection.name,
        "State": "empty" if empty else words.state(collection.state),
        "Made by": _maker(collection),
        "Documents": collection.documents,
        "Dimensions": collection.dimensions,
        "Claims": "; ".join(dict.fromkeys(_claim(claim) for claim in collection.claims)) or "none",
        "Length": {True: "unit", False: "not unit", None: ""}[collection.normalised],
        "Distance": collection.distance or "none named",
    }


def _maker(collection: CollectionInspection) -> str:
    return {
        Origin.ONE: collection.model,
        Origin.NEAR: f"close to {collection.model}",
        Origin.MIXED: f"{fraction(collection.share or 0)} {collection.model}, the rest {collection.other or 'unknown'}",
        Origin.NONE: "none of the models here",
        Origin.UNKNOWN: "not known",
        Origin.EMPTY: "",
    }[collection.origin]


def _claim(claim: ClaimInspection) -> str:
    return f"{claim.model}: {_HOLDS[claim.holds]}"


def findings(looked: Looked) -> None:
    """Each collection that needs attention: what was seen, what it means, what to do. The rest is one line each."""
    doubtful = [c for c in looked.inspection.collections if c.attention]
    for collection in doubtful[:_MOST_DRAWN]:
        _attention(collection)
    if len(doubtful) > _MOST_DRAWN:
        st.caption(f"And {len(doubtful) - _MOST_DRAWN:,} more, in the table above.")
    also: dict[str, list[str]] = {}
    for collection in looked.inspection.collections:
        for finding in collection.findings:
            if not finding.attention:
                also.setdefault(finding.text, []).append(collection.name)
    if also:
        with st.expander(
            f"Also seen: {words.count(len(also), 'thing')} that need no mending" if len(also) > 1 else "Also seen"
        ):
            for text, names in list(also.items())[:100]:
                st.markdown(f"- **{words.plain(listed(names))}**: {words.plain(text)}")


def _attention(collection: CollectionInspection) -> None:
    shape = words.SHAPES[collection.state]
    lines = [f"**{shape} {words.plain(_headline(collection))}.** {_way_out(collection)}"]
    lines += [f"- {_told(finding)}" for finding in collection.findings if finding.attention]
    draw = st.error if collection.origin in (Origin.NONE, Origin.MIXED) or collection.false_claims else st.warning
    draw("\n\n".join([lines[0].strip(), "\n".join(lines[1:])]).strip())


def _headline(collection: CollectionInspection) -> str:
    if collection.origin is Origin.MIXED:
        said = mixture(collection)
        return f"{said[0].upper()}{said[1:]}"
    return f"{collection.name} {_HEADLINES[collection.origin].format(model=collection.model)}"


def _way_out(collection: CollectionInspection) -> str:
    if collection.passages and collection.origin in (Origin.NONE, Origin.MIXED, Origin.NEAR):
        return "An index of Scriptorium: rebuild it in the workspace that it belongs to."
    return _WAYS_OUT.get(collection.origin, "")


def _told(finding: Finding) -> str:
    return f"{words.plain(finding.text)} {_STEPS.get(finding.kind, '')}".strip()


def details(looked: Looked) -> None:
    """For the engineer: every cosine and every claim."""
    with st.expander("Details for engineers"):
        st.caption(
            "Cosines between stored vectors and those that an embedder makes of the same documents; 1: the same."
        )
        for collection in looked.inspection.collections:
            _basis(collection)
        cosines = [
            {
                "Collection": c.name,
                "Model": one.model,
                "Compared": one.compared,
                "The same": one.same,
                "Lowest": one.lowest,
                "Median": one.median,
                "Not compared because": one.reason,
            }
            for c in looked.inspection.collections
            for one in c.comparisons
        ]
        if cosines:
            figure = st.column_config.NumberColumn(format="%.4f")
            st.dataframe(pd.DataFrame(cosines), hide_index=True, column_config={"Lowest": figure, "Median": figure})
        _claims(looked)
        for collection in looked.inspection.collections:
            _strangers(collection)


def _basis(collection: CollectionInspection) -> None:
    """Of a mixture: how many rows were compared at first, and how many after they had disagreed."""
    counts = sorted({one.compared for one in collection.comparisons if one.compared})
    if collection.origin is Origin.MIXED and len(counts) > 1:
        then = f"{'all ' if counts[-1] == collection.documents else ''}{counts[-1]:,}"
        st.caption(
            f"{words.plain(collection.name)}: first {counts[0]:,} rows were compared with every model, then {then} "
            "with each that had made some of them."
        )


def _strangers(collection: CollectionInspection) -> None:
    if collection.strangers:
        shown, found = len(collection.strangers), collection.stranger_count
        some = "rows" if shown == found else f"the first {shown:,} of {found:,} rows"
        st.caption(f"{words.plain(collection.name)}: {some} that {words.plain(collection.model)} did not make")
        st.code("\n".join(collection.strangers), language=None)


def _claims(looked: Looked) -> None:
    claims = [
        {
            "Collection": c.name,
            "Said by": one.where,
            "Says": _DIGEST.sub(r"\1…", one.says),
            "Model": one.model,
            "Is": _HOLDS[one.holds],
            "Why": one.reason,
        }
        for c in looked.inspection.collections
        for one in c.claims
    ]
    if claims:
        st.caption("What the store says of its models")
        st.dataframe(pd.DataFrame(claims), hide_index=True)
