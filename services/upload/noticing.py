"""What a person should look at before an upload is added: near-duplicates, odd characters, guesses."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from services.domain.scripts import Record
from services.ground.progress import Report
from services.nearness import Nearness
from services.ports import Catalogue, Embedder
from services.upload.review import Alike, Fate, Review, Row
from services.upload.suggesting import Corpus, Suggester
from services.upload.vectors import vector_set
from services.vectors import prepare

# Below this a suggested section is a guess.
_UNSURE = 0.6


def looked_at(  # noqa: PLR0913  it looks at all of these
    reviewed: Review,
    suggester: Suggester,
    *,
    corpus: Corpus,
    embedder: Embedder,
    noticed: Callable[[str], Sequence[str]],
    report: Report,
) -> Review:
    """The review with what was noticed in each row."""
    fresh = [row for row in reviewed.rows if row.fate is not Fate.UNCHANGED]
    records = {r.number: Record(r.script, vector_set(r.script, embedder, reviewed.known.of(r.number))) for r in fresh}
    inside = _inside(fresh, records, corpus, report)
    rows = []
    for done, row in enumerate(reviewed.rows):
        report("Looking for near-duplicates", done, len(reviewed.rows))
        if row.number not in records:
            rows.append(row)
            continue
        alike = (*inside.get(row.number, ()), *_stored(records[row.number], corpus))
        draft = reviewed.drafts[row.number]
        told = (*filter(None, (row.namesake,)), *draft.notes, *noticed(draft.text))
        doubts, unknown = tuple(_guesses(row, suggester)), suggester.unknown.get(row.number, "")
        parts, unread = _read(row, embedder)
        found = sorted(alike, key=lambda one: -one.words)
        rows.append(replace(row, alike=tuple(found), suspicions=told, parts=parts, unread=unread))
        rows[-1] = replace(rows[-1], doubts=doubts, unknown_section=unknown)
    return replace(reviewed, rows=tuple(rows))


def _stored(record: Record, corpus: Corpus) -> list[Alike]:
    twins = corpus.nearness.twins(record.script, record.vectors)
    titles = corpus.catalogue.records
    return [Alike(titles[t.id].script.title, t.words, t.distance, script=t.id) for t in twins if t.id in titles]


def _inside(
    rows: Sequence[Row], records: Mapping[int, Record], corpus: Corpus, report: Report
) -> Mapping[int, list[Alike]]:
    """Near-duplicates within the upload."""
    by_id = {row.script.id: row for row in rows}
    kept = Catalogue({row.script.id: records[row.number] for row in rows})
    found: dict[int, list[Alike]] = defaultdict(list)
    for one, twin in Nearness(kept, corpus.nearness.model_digest).all_twins(report):
        first, second = by_id[one], by_id[twin.id]
        found[first.number].append(Alike(second.script.title, twin.words, twin.distance, row=second.number))
        found[second.number].append(Alike(first.script.title, twin.words, twin.distance, row=first.number))
    return found


def _guesses(row: Row, suggester: Suggester) -> list[str]:
    unknown = suggester.unknown.get(row.number, "")
    told = [f"It says that its section is '{unknown[:60]}', and there is none of that name here."] if unknown else []
    if row.section_sureness is not None and row.section_sureness < _UNSURE:
        told.append("Its section is a guess: check it.")
    return told


def _read(row: Row, embedder: Embedder) -> tuple[int, float]:
    """Into how many parts the text is cut, and the share of all its tokens that the model does not read."""
    made = prepare(row.script, embedder)
    tokens = embedder.count_tokens(list(made.texts))
    lost = sum(max(0, one - embedder.window) for one in tokens)
    return sum(p.kind == "body" for p in made.passages), lost / max(1, sum(tokens))
