"""The silent bug: reproduced on copies, seen before and after, and nothing real touched."""


def reproduced(view):
    return view.press("Reproduce it").until(lambda v: "Repair it" in v.labels())


def files(workspace):
    kept = (p for p in workspace.rglob("*") if p.is_file() and "derived" not in p.parts)
    return {str(p.relative_to(workspace)): p.read_bytes() for p in kept}


def test_it_is_seen_before_and_after_and_touches_nothing(demo, open_app):
    before = files(demo)
    view = reproduced(open_app(demo, "silent_bug"))
    assert [m.value for m in view.app.metric] == ["10 of 59"]
    view.press("Repair it")
    assert [m.value for m in view.app.metric] == ["10 of 59", "44 of 59"]
    table = view.app.dataframe[0].value.set_index("Check")
    assert list(table.loc["All together"]) == ["■ mismatch", "▲ drifted", "● match"]
    assert list(table.loc["The recorded model"]) == ["■ hashing", "● all-MiniLM-L6-v2", "● all-MiniLM-L6-v2"]
    looked = table.loc["Stored passages, embedded again"]
    assert looked.iloc[1].startswith("■ ")
    assert looked.iloc[1].endswith(" foreign")
    assert looked.iloc[2] == "● 1.0000"
    assert table.loc["Fixed sentences, embedded again"].iloc[1].startswith("▲ ")
    asked = table.loc["Questionnaires that get a ranking that says anything"]
    assert list(asked) == ["▲ 0 of 24", "▲ 0 of 24", "● 24 of 24"]
    view.press("Start over")
    assert "Reproduce it" in view.labels()
    assert files(demo) == before


def test_without_scripts_there_is_nothing_to_reproduce(empty, open_app):
    view = open_app(empty, "silent_bug")
    assert "Reproduce it" not in view.labels()
    assert "There are no scripts to copy yet." in view.said()
