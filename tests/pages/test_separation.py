"""Retrieve says beside each strip whether the ranking informs."""

from services.workbench import Workbench


def verdicts(view) -> dict[str, str]:
    return {name: column.captions[0] for name, column in view.columns().items()}


def test_each_section_has_its_verdict_with_a_shape_under_the_strip(demo, open_app):
    view = open_app(demo)
    with Workbench(demo) as workbench:
        answer = workbench.retrieve(workbench.all_questionnaires["getting-to-perth"])
    shapes = {"clear": "▰▰▰", "weak": "▰▰▱", "no information": "▱▱▱"}
    for name, said in verdicts(view).items():
        word = answer.sections[name].separation.verdict.value
        assert said.startswith(f"**{shapes[word]} {word}**: ")
    assert "as good as random" not in view.said()


def test_a_question_that_says_nothing_is_told_so(demo, open_app):
    view = open_app(demo, query="12345")
    assert any(said.startswith("**▱▱▱ no information**: ") for said in verdicts(view).values())
    assert "This list may be as good as random" in view.said()


def test_a_section_of_a_few_scripts_is_not_judged(demo, open_app):
    for record in sorted((demo / "records" / "awakening").iterdir())[5:]:
        record.unlink()
    assert verdicts(open_app(demo))["awakening"] == "Not judged: fewer than 8 scripts: too few to tell"
