"""What an evaluation was run on: digests, versions of libraries, and the commit."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import Any

from services.domain.judgements import Judgement
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Provenance
from services.domain.settings import Settings
from services.evaluate.subject import Subject
from services.ground import digests
from services.ports import Catalogue

# Libraries that rankings, figures and intervals come from.
_LIBRARIES = (
    *("bm25s", "chromadb", "ctranslate2", "ir-measures", "numpy", "openai", "pytrec-eval-terrier"),
    "tokenizers",
)


def of(subject: Subject) -> Provenance:
    """The digests of what is evaluated, each of what can change an answer or a figure and of nothing else.

    The corpus is its scripts: which vectors they have is told by the model and the recipe.
    """
    return Provenance(
        corpus=corpus_digest(subject.catalogue),
        questionnaires=of_questionnaires(subject.questionnaires),
        judgements=of_judgements(subject.judgements),
        settings=digests.of_value(_followed(subject.settings)),
        versions=_versions(),
        commit=subject.commit,
    )


def corpus_digest(catalogue: Catalogue) -> str:
    """Of every script, and where it is: the same as long as none says anything else."""
    scripts = (record.script for record in catalogue.records.values())
    return digests.chain_head(sorted((f"{script.section}/{script.id}", script.digest) for script in scripts))


def of_questionnaires(asked: Mapping[str, Questionnaire]) -> str:
    """The digest of what is asked and expected."""
    return digests.of_value({q.id: q.as_json() for q in asked.values()})


def of_judgements(given: Mapping[str, Sequence[Judgement]]) -> str:
    """The digest of who gives which script which grade."""
    return digests.of_value({q: sorted((j.script, j.judge, j.grade) for j in those) for q, those in given.items()})


def _followed(settings: Settings) -> dict[str, Any]:
    """The settings that an evaluation follows. What the workspace or its method is called changes nothing."""
    return {
        "sections": list(settings.sections),
        "query_template": settings.query_template,
        "top_k": settings.top_k,
        "method": {key: value for key, value in settings.method.as_json().items() if key != "name"},
        "thresholds": asdict(settings.thresholds),
    }


@cache
def _versions() -> Mapping[str, str]:
    return {name: metadata.version(name) for name in _LIBRARIES}
