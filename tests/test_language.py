"""Two languages: every text has its twin, each run speaks its reader's language, scores do not care."""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import batches
import nbformat
import pytest
from babel.messages.pofile import read_po
from test_units import answer_files
from transcripts import transcribe

from course import _language, check, figures
from grader import batch, catalogues, feedback
from grader.classroom import MISCONCEPTIONS, fill_in
from grader.diagnose import as_spoken, diagnose
from grader.editions import TWIN, cell_strings, in_language, language_of_cell, make_edition
from grader.grading import check as grade_file
from grader.grading import read_score, result_of
from grader.language import language_of, speaking_to, using
from grader.release import build_release, tidied
from grader.units import grade_id, kind, load_unit, reference_answer, source_folder, unit_names
from grader.verdict import Examiner

ROOT = Path(__file__).resolve().parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DOMAINS = list(catalogues.FOLDERS)


def prose(name: str) -> list[tuple[nbformat.NotebookNode, nbformat.NotebookNode]]:
    """Return the prose cells of a unit, each with its twin."""
    cells = load_unit(name).notebook.cells
    found = []
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if language_of_cell(cell) == "en":
            twin = after if after is not None and after.id == cell.id + TWIN else None
            assert twin is not None, f"{name}: {cell.id} has no twin behind it"
            found.append((cell, twin))
    return found


# ---------------------------------------------------------------- twins in source/


@pytest.mark.parametrize("name", unit_names())
def test_every_prose_cell_has_a_twin_and_no_twin_stands_alone(name):
    pairs = prose(name)
    chinese = [c for c in load_unit(name).notebook.cells if language_of_cell(c) == "zh"]
    assert [t.id for _, t in pairs] == [c.id for c in chinese]
    for cell, twin in pairs:
        assert language_of_cell(twin) == "zh"
        assert CHINESE.search(twin.source), twin.id
        assert not CHINESE.search(cell.source), cell.id


def code_words(text: str) -> list[str]:
    return sorted(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text))


def formulas(text: str) -> list[str]:
    found = re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", text, re.S)
    # A formula may hold words; those have a language.
    return sorted(re.sub(r"\\text\{[^}]*\}|\s", "", a or b) for a, b in found)


def blocks(text: str) -> list[int]:
    """Return the lines of each block of code; in one that is nearly code, words have a language."""
    return [b.count("\n") for b in re.findall(r"(?s)```(.*?)```", text)]


def numbers(text: str) -> set[str]:
    """Return the numbers of a text outside code and formulas."""
    text = re.sub(r"(?s)```.*?```|`[^`]*`|\$[^$]*\$", " ", text)
    return set(re.findall(r"\d+(?:\.\d+)?", text))


@pytest.mark.parametrize("name", unit_names())
def test_twins_have_the_same_headings_formulas_code_numbers_and_links(name):
    for cell, twin in prose(name):
        a, b = cell.source, twin.source
        for what, pattern in {
            "headings": r"(?m)^(#+) ",
            "folded parts": r"</?(?:details|summary)>",
            "links": r"\]\(([^)]+)\)",
            "table rows": r"(?m)^\|",
        }.items():
            assert re.findall(pattern, a) == re.findall(pattern, b), (twin.id, what)
        assert blocks(a) == blocks(b), twin.id
        assert formulas(a) == formulas(b), twin.id
        assert set(code_words(a)) == set(code_words(b)), twin.id
        # Chinese writes more numbers in digits: "2 个苹果" for "two apples".
        assert numbers(a) <= numbers(b), (twin.id, numbers(a) - numbers(b))


def test_chinese_has_the_punctuation_of_chinese():
    for name in unit_names():
        for _, twin in prose(name):
            text = re.sub(r"(?s)```.*?```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)", "x", twin.source)
            found = re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", text)
            assert not found, (twin.id, text[max(0, found.start() - 10) : found.end() + 10])


def test_tidy_gives_a_twin_the_id_of_its_cell():
    unit = load_unit(unit_names()[0])
    notebook = nbformat.from_dict(json.loads(json.dumps(unit.notebook)))
    twin = next(c for c in notebook.cells if language_of_cell(c) == "zh")
    wanted = twin["id"]
    twin["id"] = "0a1b2c3d"  # as an editor gives it
    assert wanted in [c["id"] for c in json.loads(tidied(notebook, unit.name))["cells"]]


# ---------------------------------------------------------------- catalogues


@pytest.fixture(scope="module")
def collected():
    return catalogues.collect()


@pytest.mark.parametrize("domain", DOMAINS)
def test_catalogue_is_current_and_compiled(domain, collected):
    catalogue = catalogues.updated(catalogues.read(domain, "zh"), collected[domain], domain, "zh")
    path = catalogues.po_path(domain, "zh")
    po, mo = catalogues.as_files(catalogue)
    assert path.read_bytes() == po, "run: make catalogues"
    assert path.with_suffix(".mo").read_bytes() == mo, "run: make catalogues"


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_entry_is_empty_or_fuzzy_or_lacks_a_place(domain):
    with catalogues.po_path(domain, "zh").open("rb") as file:
        messages = [m for m in read_po(file, "zh") if m.id]
    assert messages
    for message in messages:
        assert message.string, f"not translated: {message.id!r}"
        assert not message.fuzzy, f"to be looked at: {message.id!r}"
        places = [set(re.findall(r"\{(\w+)", text)) for text in (message.id, message.string)]
        if domain != "misconceptions" and message.id != "{day} {month} {year} at {time}":
            assert places[0] == places[1], message.id
        if domain == "misconceptions":
            same = [re.findall(r"(?m)^Same as: .*$", t) for t in (message.id, message.string)]
            assert same[0] == same[1], message.id
            assert CHINESE.search(message.string)


def test_students_catalogues_hold_nothing_of_a_hidden_check(collected):
    hidden, told = set(collected["hidden"]), set()
    for domain in ("course", "notebooks"):
        with catalogues.po_path(domain, "zh").open("rb") as file:
            told |= {m.id for m in read_po(file, "zh")}
    assert hidden
    assert not hidden & told
    files = [p.name for p in (ROOT / "course" / "locale").rglob("*.?o")]
    assert sorted(files) == ["course.mo", "course.po", "notebooks.mo", "notebooks.po"]


def test_a_changed_text_is_marked_and_not_lost():
    found = {"the loss is zero": ["a.py"]}
    first = catalogues.updated(catalogues.Catalog("zh"), found, "course", "zh")
    first.get("the loss is zero").string = "损失是零"
    second = catalogues.updated(first, {"the loss is zero.": ["a.py"]}, "course", "zh")
    message = second.get("the loss is zero.")
    assert message.string == "损失是零"
    assert message.fuzzy
    assert b"fuzzy" in catalogues.as_files(second)[0]


# ---------------------------------------------------------------- which language


@pytest.fixture
def fresh(monkeypatch):
    """A process that has not yet asked which notebook it serves."""
    for variable in ("COURSE_LANG", "JPY_SESSION_NAME"):
        monkeypatch.delenv(variable, raising=False)
    _language._of_notebook.cache_clear()
    yield monkeypatch
    _language._of_notebook.cache_clear()


def write_notebook(path: Path, lang) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    course = {"unit": "04-activations"} | ({"lang": lang} if lang else {})
    notebook = {"cells": [], "metadata": {"course": course}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), "utf-8")


def test_a_server_names_the_notebook(fresh, tmp_path):
    write_notebook(tmp_path / "my copy.ipynb", "zh")
    fresh.chdir(tmp_path)
    fresh.setenv("JPY_SESSION_NAME", str(tmp_path / "my copy.ipynb"))
    assert _language.language() == "zh"


def test_without_a_server_the_folder_names_it(fresh, tmp_path):
    write_notebook(tmp_path / "04-activations" / "04-activations.ipynb", "zh")
    fresh.chdir(tmp_path / "04-activations")
    assert _language.language() == "zh"


def test_the_environment_overrules_the_notebook(fresh, tmp_path):
    write_notebook(tmp_path / "04-activations" / "04-activations.ipynb", "zh")
    fresh.chdir(tmp_path / "04-activations")
    fresh.setenv("COURSE_LANG", "en")
    assert _language.language() == "en"
    fresh.setenv("COURSE_LANG", "xx")  # no language of ours: as if nothing were said
    assert _language.language() == "zh"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"metadata": []}', '{"metadata": {"course": 1}}'])
def test_a_broken_notebook_is_an_english_one(fresh, tmp_path, text):
    path = tmp_path / "unit" / "unit.ipynb"
    path.parent.mkdir()
    path.write_text(text)
    fresh.chdir(path.parent)
    assert _language.language() == "en"


@pytest.mark.parametrize("lang", ["fr", "", None, 3, ["zh"]])
def test_a_language_that_is_none_of_ours_counts_as_none(fresh, lang):
    notebook = nbformat.v4.new_notebook(metadata={"course": {"lang": lang}})
    assert language_of(notebook) == "en"
    fresh.setenv("COURSE_LANG", "zh")  # a class whose notebooks have lost it
    assert language_of(notebook) == "zh"


def test_a_language_is_spoken_inside_alone(fresh):
    def fail():
        with using("zh"):
            with using("en"):
                assert _language.language() == "en"
            assert _language.gettext("is not right") == "不对"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert _language.gettext("is not right") == "is not right"


def test_english_is_what_is_written_in_the_code(fresh):
    message = "is not right"
    assert _language.gettext(message) is message
    assert _language.shown(message) is message


# ---------------------------------------------------------------- words


def test_a_text_with_places_is_known_by_its_pattern():
    with using("zh"):
        assert _language.shown("holds 'cake' twice") == "里 'cake' 出现了两次"
        assert _language.shown("the error of W1") == _language.shown("the error of {name}").replace(
            "{name}", "W1"
        )
        assert _language.shown("something that nobody wrote") == "something that nobody wrote"


def test_a_hostile_text_is_looked_up_in_linear_time():
    with using("zh"):
        for text in ("{" * 5000, "holds " * 5000, "a x " * 100, "holds {name} twice"):
            assert isinstance(_language.shown(text), str)
    pieces = ["", "a", " x ", "b", " x ", "c", "!"]
    assert _language._filled(pieces, " x " * 100_000) is None


def test_lines_of_chinese_break_between_characters_and_not_before_a_full_stop():
    text = "提示：" + "把每个参数都轻轻推一下，再比较。" * 6
    lines = _language.fill(text, 60, " " * 9, " " * 15).splitlines()
    assert all(_language.columns(line) <= 62 for line in lines)
    assert all(line.strip()[0] not in "，。" for line in lines)
    joined = lines[0].strip() + "".join(line.strip() for line in lines[1:])
    assert joined == text


def test_words_meet_without_a_space_where_both_are_chinese():
    with using("zh"):
        assert _language.close_up("是 上游传来的梯度 的 4 倍") == "是上游传来的梯度的 4 倍"
    assert _language.close_up("a 是 的") == "a 是 的"


# ---------------------------------------------------------------- what a check says


def say(lang: str, capsys, **options) -> str:
    with using(lang):
        made = check.Check("gradient-check", points=2, **options)

        @made.part("the parameters are put back", hint="a right network: four tiny errors")
        def _():
            made.value("the error of W1", 3.0, 6.0)

        made.score()
    return capsys.readouterr().out


def test_a_check_speaks_the_language_of_the_notebook(capsys):
    english, chinese = say("en", capsys), say("zh", capsys)
    assert "gradient-check: 0 of 2 points" in english
    assert "WRONG  the parameters are put back" in english
    assert "the error of W1 is 0.5 times the right value" in english
    assert "gradient-check：0 / 2 分" in chinese
    assert "错误  " in chinese
    assert "是正确值的 0.5 倍" in chinese
    assert "正确的值 6" in chinese
    assert not re.search(r"[a-z]{2,} [a-z]{2,}", chinese)
    for text in (english, chinese):
        (part,) = feedback.parts(text, hidden=False)
        assert part.what in text
        assert part.reason
        assert part.detail
        assert part.hint
        assert not feedback.parts(text, hidden=True)[0].detail


def test_pictures_speak_it_too():
    with using("zh"):
        chinese = figures.apple_graph(backward=True)
    english = figures.apple_graph(backward=True)
    assert CHINESE.search(chinese.title + chinese.alt)
    assert CHINESE.search(chinese.caption)
    assert CHINESE.search(chinese._repr_html_())
    assert not CHINESE.search(english._repr_html_())


def test_a_plot_with_chinese_labels_keeps_them_as_text_and_warns_of_nothing(recwarn):
    with using("zh"):
        fig, axes = figures.subplots()
        axes.plot([1, 2], label="训练数据")
        axes.set(xlabel="步长", ylabel="损失")
        axes.legend()
        html = figures.plot(fig, alt="一条线。", caption="一条线。")._repr_html_()
    assert not recwarn.list
    assert ">步长<" in html
    assert ">训练数据<" in html


# ---------------------------------------------------------------- the two releases


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    folders = {}
    for lang in ("en", "zh"):
        folders[lang] = tmp_path_factory.mktemp(f"release-{lang}")
        list(build_release(to=folders[lang], lang=lang))
    return folders


def released(folder: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / name / f"{name}.ipynb", as_version=4)


@pytest.mark.slow
@pytest.mark.parametrize("name", unit_names())
def test_a_release_holds_one_language(name, releases):
    for lang, folder in releases.items():
        notebook = released(folder, name)
        assert notebook.metadata.course.lang == lang
        texts = [c.source for c in notebook.cells if c.cell_type == "markdown"]
        assert texts
        assert all(bool(CHINESE.search(t)) == (lang == "zh") for t in texts)
    # Locked and answer cells are the same to the last byte: one gradebook knows both.
    english, chinese = (released(releases[lang], name) for lang in ("en", "zh"))
    ours = [[c for c in nb.cells if "nbgrader" in c.metadata] for nb in (english, chinese)]
    assert ours[0] == ours[1]


class Blank(ast.NodeTransformer):
    """Takes the texts out of code."""

    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        values = [ast.unparse(v) for v in node.values if isinstance(v, ast.FormattedValue)]
        return ast.Constant(sorted(values))


@pytest.mark.slow
@pytest.mark.parametrize("name", unit_names())
def test_demo_cells_differ_in_their_texts_alone(name, releases):
    english, chinese = (released(releases[lang], name) for lang in ("en", "zh"))
    pairs = [[c for c in nb.cells if c.cell_type == "code"] for nb in (english, chinese)]
    for ours, theirs in zip(*pairs, strict=True):
        assert ours.id == theirs.id
        trees = [ast.dump(Blank().visit(ast.parse(c.source))) for c in (ours, theirs)]
        assert trees[0] == trees[1], ours.id


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_both_releases_are_the_same_every_time(lang, releases, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_LANG", lang)
    list(build_release(unit_names()[:2], to=tmp_path))
    for name in unit_names()[:2]:
        file = Path(name) / f"{name}.ipynb"
        assert (tmp_path / file).read_bytes() == (releases[lang] / file).read_bytes()


def test_an_f_string_keeps_its_values_in_another_order():
    source = 'print(f"holds {name!r} twice", f"{x:.3f}{{}}")\n'
    changed = in_language(source, "zh")
    assert changed == 'print(f"里 {name!r} 出现了两次", f"{x:.3f}{{}}")\n'
    assert in_language(source, "en") is source


def test_a_comment_of_a_demo_cell_is_read_and_one_of_another_is_code():
    source = 'x = "# no copy"  # no copy\n'
    assert in_language(source, "zh") == 'x = "# no copy"  # 没有复制\n'
    assert not [one for one in cell_strings(source) if one.comment]


# ---------------------------------------------------------------- grading


def edition(name: str, lang: str) -> nbformat.NotebookNode:
    """Return a unit as a student of this language has it, without running nbgrader."""
    notebook = nbformat.from_dict(json.loads(json.dumps(load_unit(name).notebook)))
    make_edition(notebook, lang)
    return notebook


@pytest.fixture(scope="module")
def examiner():
    with Examiner() as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("name", unit_names())
def test_the_reference_earns_all_points_in_both_languages(name, examiner, releases):
    unit = load_unit(name)
    answers = {e: reference_answer(c) for e, c in unit.answers.items()}
    for lang in ("en", "zh"):
        result = grade_file(fill_in(released(releases[lang], name), answers), examiner)
        assert result.score == result.max == unit.points
        assert not result.notes


TEN = [p for i, p in enumerate(answer_files(MISCONCEPTIONS)) if i % 53 == 7][:10]


def judged(path: Path, lang: str):
    """Return the page, the diagnosis and the score of one known wrong answer."""
    exercise, unit = path.parent.name, load_unit(path.parent.parent.name)
    notebook = edition(unit.name, lang)
    answers = {exercise: path.read_text("utf-8")}
    with speaking_to(notebook):
        cells, operations = transcribe(unit, answers, only={exercise})
        lost = [i for i, c in cells.items() if read_score(c)[0] < c.metadata.nbgrader.points]
        found = diagnose(unit, operations, lost, answers, 60.0)
        done = fill_in(notebook, answers)
        for cell in done.cells:
            cell.update(cells.get(grade_id(cell), {}))
        result = result_of(done, unit, diagnoses=found)
    return feedback.page(result, done), found[exercise], result


@pytest.mark.parametrize("path", TEN)
def test_feedback_is_in_the_language_of_the_submission(path):
    english, told, result = judged(path, "en")
    chinese, _, same = judged(path, "zh")
    assert [c.score for c in result.checks] == [c.score for c in same.checks]
    (mistake,) = told.mistakes
    with using("zh"):
        spoken = as_spoken(mistake)
    assert CHINESE.search(spoken.title)
    assert CHINESE.search(spoken.message)
    plain = [feedback.sanitise.text(words).split("`")[0] for words in (mistake.title, spoken.title)]
    assert str(feedback.Markup.escape(plain[0])) in english
    assert str(feedback.Markup.escape(plain[1])) in chinese
    assert 'lang="zh-CN"' in chinese
    assert 'lang="en"' in english
    own = re.sub(r"(?s)<pre.*?</pre>|<code.*?</code>|<style.*?</style>|<[^>]+>", " ", chinese)
    left = re.findall(r"(?:[a-z]{3,} ){4,}", own)
    assert not left, left
    assert not CHINESE.search(re.sub(r"(?s)<style.*?</style>", "", english))


@pytest.mark.slow
def test_one_process_grades_a_class_of_both_languages(examiner):
    name = "03-add-mul-nodes"
    unit = load_unit(name)
    wrong = {"mul-layer": (MISCONCEPTIONS / name / "mul-layer").glob("*.py").__next__().read_text()}
    before = _language.language()
    results = [
        grade_file(fill_in(edition(name, lang), wrong), examiner) for lang in ("zh", "en", "zh")
    ]
    assert results[0].checks == results[2].checks
    assert [c.score for c in results[0].checks] == [c.score for c in results[1].checks]
    said = [" ".join(c.message for c in r.checks) for r in results]
    assert CHINESE.search(said[0])
    assert not CHINESE.search(said[1])
    assert _language.language() == before
    assert unit.name == name


@pytest.mark.slow
def test_what_course_prints_in_a_session_is_in_the_language_of_the_submission(examiner):
    notebook = edition("03-add-mul-nodes", "zh")
    cell = nbformat.v4.new_code_cell(
        "from course.gradient import numerical_gradient\nnumerical_gradient(lambda x: x, 1.0)"
    )
    notebook.cells.append(cell)
    examiner.execute(notebook, load_unit("03-add-mul-nodes"))
    assert "评分时" in notebook.cells[-1].outputs[-1].evalue


# ---------------------------------------------------------------- the installed package


@pytest.mark.slow
def test_a_kernel_without_the_repository_speaks_chinese(tmp_path):
    """The catalogues travel with the package: nothing has to be compiled at the other end."""
    write_notebook(tmp_path / "unit" / "unit.ipynb", "zh")
    code = "from course._language import gettext; print(gettext('is not right'))"
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_LANG"}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "unit", env=environment | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert run.stdout == "不对\n"


def test_no_string_of_a_source_cell_is_a_name_of_python():
    """A rule of `cell_strings`: what is looked up are words, never code."""
    for name in unit_names():
        for cell in load_unit(name).notebook.cells:
            if cell.cell_type == "code" and kind(cell) != "answer":
                for one in cell_strings(cell.source):
                    assert one.text not in dir(builtins)
    assert source_folder().is_dir()


@pytest.mark.slow
def test_a_batch_writes_each_student_s_pages_in_their_language(releases, tmp_path):
    name = "03-add-mul-nodes"
    root = batches.release(tmp_path / "class", [name])
    wrong = {"add-layer": (MISCONCEPTIONS / name / "add-layer" / "ones.py")}
    answers = {e: path.read_text("utf-8") for e, path in wrong.items()}
    for student, lang in (("ana", "en"), ("zhao", "zh")):
        path = root / "submitted" / student / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(fill_in(released(releases[lang], name), answers), path)
    assert batch.grade_class(root, jobs=1, feedback=True).pages == 4
    for student, lang in (("ana", "en"), ("zhao", "zh")):
        for page in (f"{name}/{name}.html", "course.html"):
            text = (root / "feedback" / student / page).read_text("utf-8")
            text = re.sub(r"(?s)<style.*?</style>", "", text)
            assert bool(CHINESE.search(text)) == (lang == "zh"), page
            assert ("到目前为止的成绩" in text) == (lang == "zh")
            assert ("The course so far" in text) == (lang == "en")
