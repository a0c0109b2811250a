"""What there is to understand of a map: its clusters by name, what stands alone or twice, and what is missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.attention import Attended
from services.domain.landscape import Cluster, Landscape, Outliers
from services.domain.maps import FEWEST_CLUSTERED, NONE, Drawn, Map
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Status, Vectors
from services.domain.settled import Meant
from services.domain.trust import Trust
from services.errors import EmbedderFailed
from services.ground import digests
from services.ground.progress import Report
from services.map.gaps import FEWEST, Answer, gaps, spoken_by
from services.map.heard import Heard
from services.map.naming import Said, Vocabulary, names
from services.map.twins import twins

_NEAREST = 5


@dataclass(frozen=True)
class Gaps:
    """Half of a landscape: its fields of these names."""

    answers: tuple[Answer, ...] = ()
    without: str = ""
    asked: int = 0
    # Whether they are unknown because the questions could not be asked: another try may find them.
    failed: bool = False
    # Whether because asking them costs something, and nobody has said that they are to be asked.
    unasked: bool = False


@dataclass(frozen=True, eq=False)
class Known:
    """What is known besides the corpus: a digest of it all, its words and its questions."""

    basis: str
    vocabulary: Vocabulary
    heard: Heard


def basis_of(shown: Map, corpus: str, random: Sequence[str], settled: Iterable[Meant]) -> str:
    """A digest over everything that a landscape depends on; ``corpus`` is that of ``Attended.basis``. Cheap."""
    drawn = [
        shown.key,
        shown.drawn.value,
        shown.note,
        *(digests.of_bytes(a.tobytes()) for a in (shown.positions, shown.clusters)),
    ]
    return digests.of_value([*drawn, corpus, list(random), [[*one.pair, *one.texts] for one in settled]])


def random_of(known: Mapping[str, Trust], sections: Iterable[str]) -> tuple[str, ...]:
    """The sections whose distances mean nothing. Also where words alone rank: gaps go by distance all the same."""
    return tuple(section for section in sections if section in known and known[section].random)


def understand(shown: Map, corpus: Attended, known: Known, report: Report, *, send: bool = True) -> Landscape:
    """Name the clusters, join the near-duplicates and ask the saved questionnaires. Not for a page run.

    Where the questionnaires cannot be embedded, everything else is told all the same, and why there are no gaps; so it
    is where they would have to be sent to a server and ``send`` is not given.

    Raises:
        IndexBroken: the index cannot be read.
        Cancelled: somebody said stop.
    """
    held = [corpus.catalogue.records[script] for script in shown.scripts if script in corpus.catalogue.records]
    said = known.vocabulary.read([r.script for r in held], [r.digest or r.script.digest for r in held], report)
    words = known.vocabulary.words()
    asked = ask(corpus, known.heard, report, send=send)
    found = gaps(asked.answers, shown, corpus.catalogue.records, spoken_by(said, words))
    alike = twins(shown, corpus.catalogue.records, corpus.nearness, corpus.meant, report)
    clusters = _clusters(shown, corpus, dict(zip((r.script.id for r in held), said, strict=True)), words)
    return Landscape(
        map_key=shown.key,
        basis=known.basis,
        clusters=clusters,
        without_clusters="" if clusters else _without_clusters(shown),
        outliers=_outliers(shown, corpus) if clusters else Outliers(),
        same=alike.same,
        joined=alike.joined,
        more_joined=alike.more_joined,
        looked_among=alike.looked_among,
        gaps=found,
        without_gaps="" if found else asked.without,
        asked=asked.asked,
        not_asked=random_of(corpus.known, corpus.settings.sections),
        gaps_failed=asked.failed,
        gaps_unasked=asked.unasked,
    )


def ask(corpus: Attended, heard: Heard, report: Report, *, send: bool = True) -> Gaps:
    """The nearest approved scripts of each section for each saved questionnaire, whatever the method of ranking.

    Sections whose distances mean nothing are not asked, and without ``send`` nothing is sent to a server. Raises
    ``IndexBroken``, ``Cancelled``.
    """
    questions = corpus.questions()
    random = random_of(corpus.known, corpus.settings.sections)
    sections = [s for s in corpus.settings.sections if s not in random and corpus.index.count(s)]
    if not questions:
        nothing = "The saved questionnaires ask nothing." if corpus.questionnaires else "No questionnaire is saved yet."
        return Gaps(without=f"{nothing} Gaps are found by asking those that are saved.")
    if not sections:
        return Gaps(without=_NO_SECTION if random else "There is no script yet that could be asked for.")
    queries = [query for _, query in questions]
    if not send and heard.costs(queries, corpus.embedder):
        # Of a server of one's own nobody knows what it costs.
        costs = ", and so costs a little" if corpus.embedder.price else ""
        return Gaps(without=f"Not looked for: it asks the model's server{costs}.", unasked=True)
    try:
        vectors = heard.of(queries, corpus.embedder, report)
    except EmbedderFailed as error:
        return Gaps(without=f"The saved questionnaires could not be asked. {error.cause}", failed=True)
    answers: list[Answer] = []
    for done, ((questionnaire, _), vector) in enumerate(zip(questions, vectors, strict=True)):
        report("Asking the saved questionnaires", done, len(questions))
        found = (_answer(corpus, questionnaire, section, vector) for section in sections)
        answers += [answer for answer in found if answer is not None]
    return Gaps(tuple(answers), _none_far(answers), len(questions))


_NO_SECTION = (
    "Another model made the vectors of every section, so nothing near or far can be told of the questionnaires."
)


def _none_far(answers: Sequence[Answer]) -> str:
    """What is to be said where none of these is a gap."""
    if not answers:
        return "There is no approved script yet that could be asked for."
    if (asked := len({answer.questionnaire for answer in answers})) >= FEWEST:
        return "No saved questionnaire is unusually far from its nearest scripts."
    few = f"Too few questionnaires are saved to tell which are unusually far: {asked} of {FEWEST}."
    judged = all(answer.separation.verdict is not None for answer in answers)
    return f"{few} All are nearer than an unrelated question would be." if judged else few


def _answer(corpus: Attended, questionnaire: Questionnaire, section: str, vector: Vectors) -> Answer | None:
    """None where the section has no approved script that could be found."""
    scores, records = corpus.index.score(section, vector), corpus.catalogue.records
    distances = scores.distances
    nearest: list[int] = []
    for place in np.argsort(distances, kind="stable").tolist():
        record = records.get(scores.scripts[place])
        if record is not None and record.vectors is not None and record.script.status is Status.APPROVED:
            nearest.append(place)
            if len(nearest) == _NEAREST:
                break
    if not nearest:
        return None
    return Answer(
        questionnaire=questionnaire.id,
        title=questionnaire.title,
        text=questionnaire.words_text(corpus.settings.query_template),
        section=section,
        scripts=tuple(scores.scripts[place] for place in nearest),
        distances=tuple(distances[nearest].tolist()),
        separation=scores.separation(vector),
    )


def _clusters(shown: Map, corpus: Attended, said: Mapping[str, Said], words: Sequence[str]) -> tuple[Cluster, ...]:
    silent = Said(np.zeros(0, np.int32), np.zeros(0, np.int32))
    named = names([said.get(script, silent) for script in shown.scripts], shown.clusters, words)
    found = []
    for number, name in named.items():
        rows = np.flatnonzero(shown.clusters == number)
        x, y = np.median(shown.positions[rows], axis=0).tolist()
        scripts = tuple(shown.scripts[row] for row in rows.tolist())
        found.append(Cluster(number, name, scripts, _sections(scripts, corpus), (x, y)))
    return tuple(sorted(found, key=lambda cluster: (-cluster.size, cluster.number)))


def _outliers(shown: Map, corpus: Attended) -> Outliers:
    scripts = tuple(shown.scripts[row] for row in np.flatnonzero(shown.clusters == NONE).tolist())
    return Outliers(scripts, _sections(scripts, corpus))


def _sections(scripts: Sequence[str], corpus: Attended) -> Mapping[str, int]:
    """How many are of which section, the most first, then in the workspace's order."""
    order = {section: place for place, section in enumerate(corpus.settings.sections)}
    records = corpus.catalogue.records
    counted = Counter(records[script].script.section for script in scripts if script in records)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], order.get(item[0], len(order)), item[0]))
    return dict(ordered)


def _without_clusters(shown: Map) -> str:
    if len(shown.scripts) < FEWEST_CLUSTERED:
        return f"Clusters are looked for from {FEWEST_CLUSTERED} scripts on."
    if shown.note:
        return shown.note
    if shown.drawn is Drawn.PCA:
        return "Clusters are found on the full map, which is not drawn yet."
    return "Nothing clusters: no scripts lie closer together than the rest."
