"""The documents: twins in two languages say the same, and no link leads nowhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]
TWINS = [("README.md", "README.zh.md"), ("docs/student.md", "docs/student.zh.md")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_twin(path: Path) -> bool:
    return path.name.endswith(".zh.md")


def indented(text: str) -> list[str]:
    """Return the lines of a document's code blocks, which are indented or fenced."""
    fenced = [line for block in FENCE.findall(text) for line in block.split("\n")]
    return [*fenced, *re.findall(r"^ {4,}\S.*$", FENCE.sub("", text), re.M)]


def prose(text: str) -> str:
    return re.sub(r"^ {4,}.*$", "", FENCE.sub("", text), flags=re.M)


def levels(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(text), re.M)]


@pytest.fixture(scope="module", params=TWINS, ids=lambda pair: pair[0])
def pair(request):
    return [(ROOT / path).read_text("utf-8") for path in request.param]


def test_every_chinese_document_is_a_known_twin():
    assert {name(path) for path in DOCUMENTS if is_twin(path)} == {zh for _, zh in TWINS}


def test_twins_have_the_same_headings(pair):
    english, chinese = map(levels, pair)
    assert english == chinese
    assert english.count(1) == 1


def test_twins_show_the_same_code_and_commands(pair):
    english, chinese = map(indented, pair)
    assert english == chinese
    assert english


def test_twins_name_the_same_code_words(pair):
    english, chinese = (set(CODE.findall(prose(text))) for text in pair)
    assert english == chinese


@pytest.mark.parametrize(("english", "chinese"), TWINS)
def test_twins_link_to_the_same_places_each_in_its_own_language(english, chinese):
    def targets(path: str) -> list[str]:
        # Not the first lines: there the twins link to each other.
        return sorted(LINK.findall(prose((ROOT / path).read_text("utf-8").split("\n", 3)[3])))

    translated = dict(TWINS)
    assert sorted(translated.get(to, to) for to in targets(english)) == targets(chinese)


@pytest.mark.parametrize(("english", "chinese"), TWINS)
def test_twins_link_to_each_other_in_their_first_lines(english, chinese):
    for here, there in ((english, chinese), (chinese, english)):
        first = "\n".join((ROOT / here).read_text("utf-8").split("\n")[:3])
        assert Path(there).name in LINK.findall(first), here


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_to_files_that_exist(path):
    for to in LINK.findall(prose(path.read_text("utf-8"))):
        if not re.match(r"[a-z]+:|#", to):
            assert (path.parent / unquote(to.split("#")[0])).exists(), to


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_make_words_exist(path):
    words = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    text = path.read_text("utf-8")
    commands = [*CODE.findall(prose(text)), *(line.strip() for line in indented(text))]
    named = {m[1] for c in commands if (m := re.match(r"make ([a-z-]+)", c))}
    assert named <= words
