"""Cells in a session: what they show, how they end, and that nothing they do reaches the grader."""

from __future__ import annotations

import base64
import os
import time

import nbformat
import numpy as np
import pytest

from grader.errors import ProtocolError, SessionDied, SessionError, TimedOut
from grader.forkserver import ForkServer
from grader.sandbox import Limits, available
from grader.session import checked_outputs

pytestmark = pytest.mark.skipif(available() is not None, reason=str(available()))

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8)).decode()


@pytest.fixture(scope="module")
def server():
    with ForkServer(Limits(cell_time_s=60, cell_output_kb=64, images=3)) as server:
        yield server


@pytest.fixture
def session(server):
    with server.new_session() as session:
        yield session


def run(session, source, cell_id="cell"):
    """Run one cell; its outputs must be such that a notebook with them is valid."""
    result = session.run_cell(source, cell_id=cell_id)
    cell = nbformat.v4.new_code_cell(
        source, outputs=[nbformat.from_dict(o) for o in result.outputs]
    )
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    return result


def text(result, kind="stream"):
    """Return the text of all outputs of one type."""
    found = [o for o in result.outputs if o["output_type"] == kind]
    if kind == "error":
        return "\n".join(o["ename"] + ": " + o["evalue"] for o in found)
    return "".join(o["text"] if kind == "stream" else o["data"]["text/plain"] for o in found)


# ---------------------------------------------------------------- what a cell shows


@pytest.mark.parametrize(
    ("source", "kind", "shown"),
    [
        ("1 + 1", "execute_result", "2"),
        ("print('a'); print('b')", "stream", "a\nb\n"),
        ("import sys; sys.stderr.write('e')", "stream", "e"),
        ("%%python\nprint(3)", "stream", "3\n"),
        ("%%capture c\nprint(1)", "stream", ""),
        ("!echo hello", "stream", "hello\n"),
        ("x = !echo hello\nprint(list(x))", "stream", "['hello']\n"),
        ("from IPython.display import HTML, display; display(HTML('<b>'))", "display_data",
         "<IPython.core.display.HTML object>"),
        ("1 / 0", "error", "ZeroDivisionError: division by zero"),
        ("def f(:", "error", "SyntaxError: invalid syntax (<ipython"),
        ("raise NotImplementedError()", "error", "NotImplementedError: "),
        ("await __import__('asyncio').sleep(0, 5)", "execute_result", "5"),
        ("import sys; sys.exit(3)", "error", "SystemExit: 3"),
        ("input()", "error", "EOFError: "),
        ("'\\ud800'; print('\\ud800')", "stream", "?\n"),
    ],
)  # fmt: skip
def test_outputs(session, source, kind, shown):
    result = run(session, source)
    assert text(result, kind).startswith(shown)
    assert result.error == (kind == "error")
    assert session.ended is None


def test_cells_share_a_namespace(session):
    run(session, "x = 20")
    assert text(run(session, "x + 1"), "execute_result") == "21"
    assert text(run(session, "_ + 1"), "execute_result") == "22"
    assert text(run(session, "__name__"), "execute_result") == "'__main__'"
    run(session, "import __main__; __main__.x = 5")
    assert text(run(session, "x"), "execute_result") == "5"


def test_streams_come_in_order(session):
    result = run(session, "import sys\nprint(1); print(2, file=sys.stderr); print(3)")
    assert [(o["name"], o["text"]) for o in result.outputs] == [
        ("stdout", "1\n"),
        ("stderr", "2\n"),
        ("stdout", "3\n"),
    ]


def test_figures_are_shown_inline(session):
    for head in ("", "%matplotlib inline\n"):
        result = run(session, head + "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        data = result.outputs[-1]["data"]
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_figures_of_the_course_and_widgets(session):
    assert not run(session, "from course import figures; figures.apple_graph()").error
    result = run(session, "import ipywidgets; ipywidgets.IntSlider()")
    assert set(result.outputs[-1]["data"]) == {"text/plain"}


def test_the_traceback_names_the_line(session):
    lines = run(session, "x = 1\n1 / 0").outputs[0]["traceback"]
    assert "----> 2 1 / 0" in "\n".join(lines)


def test_a_layer_can_be_saved_from_the_session(session):
    run(session, "class Relu:\n    def forward(self, x): return x * 2")
    result = run(
        session,
        "import os; os.environ['COURSE_TOOLBOX'] = os.getcwd() + '/box'\n"
        "from course import toolbox; toolbox.save(Relu); toolbox.load('Relu')().forward(2)",
    )
    assert text(result, "execute_result") == "4"


def test_the_engine_is_off(session):
    assert "No module named 'course._engine'" in text(
        run(session, "import course._engine"), "error"
    )
    result = run(
        session, "from course.gradient import numerical_gradient\nnumerical_gradient(abs, 1.0)"
    )
    assert "EngineOff" in text(result, "error")
    result = run(
        session, "import os; os.environ.pop('COURSE_GRADED')\nnumerical_gradient(abs, 1.0)"
    )
    assert "ModuleNotFoundError" in text(result, "error")


# ---------------------------------------------------------------- bounds of the output


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 30_000_000)",
        "for i in range(100_000): print(i)",
        "import sys\nfor i in range(20_000): print(i); print(i, file=sys.stderr)",
        "for i in range(5000): display(i)",
        "from IPython.display import display, HTML\ndisplay(HTML('x' * 1_000_000))",
        "raise ValueError('x' * 1_000_000)",
        "for i in range(5000):\n    get_ipython().showtraceback((ValueError, ValueError('x' * 999), None))",
        "'x' * 3_000_000",
        "print('\\N{SNOWMAN}' * 1_000_000)",
    ],
)
def test_long_outputs_are_cut(session, source):
    result = run(session, source)
    assert session.ended is None
    assert sum(len(str(o)) for o in result.outputs) < 1_000_000
    assert text(run(session, "5"), "execute_result") == "5"


def test_a_cut_is_told(session):
    result = run(session, "print('x' * 100_000)\nprint('late')")
    assert "the rest of the output of this cell was cut" in text(result)
    assert "late" not in text(result)


def test_images_are_counted(session):
    figure = "import matplotlib.pyplot as plt\nfor _ in range(2):\n    plt.plot([1]); plt.show()"
    shown = [o for _ in range(3) for o in run(session, figure).outputs]
    assert sum("image/png" in o["data"] for o in shown) == 3


def test_output_of_a_whole_notebook():
    limits = Limits(cell_output_kb=64, notebook_output_kb=100)
    with ForkServer(limits) as server, server.new_session() as session:
        sizes = [len(text(run(session, "print('x' * 60_000)"))) for _ in range(4)]
        assert sizes[0] > 60_000
        assert sizes[3] < 100
        assert session.ended is None


def test_a_giant_figure_is_an_error(session):
    result = run(
        session,
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(1000, 1000), dpi=100)\nplt.plot([1]);",
    )
    assert session.ended is None or isinstance(session.ended, SessionDied)
    assert not any("image/png" in o.get("data", {}) for o in result.outputs)


# ---------------------------------------------------------------- outputs are checked here again


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        [5],
        [{}],
        [{"output_type": "stream"}],
        [{"output_type": "stream", "name": "stdin", "text": ""}],
        [{"output_type": "stream", "name": "stdout", "text": ["a"]}],
        [{"output_type": "pyout"}],
        [{"output_type": "display_data", "data": {}, "metadata": {}}],
        [{"output_type": "display_data", "data": {"text/javascript": "1"}, "metadata": {}}],
        [{"output_type": "display_data", "data": {"application/json": "1"}, "metadata": {}}],
        [{"output_type": "display_data", "data": {"text/plain": 5}, "metadata": {}}],
        [{"output_type": "display_data", "data": {"image/png": "no base64!"}, "metadata": {}}],
        [{"output_type": "display_data", "data": {"image/png": "aaaa"}, "metadata": {}}],
        [{"output_type": "display_data", "data": {"text/plain": ""}, "metadata": 5}],
        [{"output_type": "execute_result", "data": {"text/plain": ""}, "metadata": {}}],
        [{"output_type": "execute_result", "data": {"text/plain": ""}, "execution_count": True}],
        [{"output_type": "error", "ename": "E", "evalue": "v", "traceback": "text"}],
        [{"output_type": "error", "ename": "E", "evalue": 5, "traceback": []}],
        [{"output_type": "stream", "name": "stdout", "text": ""}] * 3000,
    ],
)
def test_an_output_that_is_none(outputs):
    with pytest.raises(ProtocolError):
        checked_outputs(outputs)


def test_an_output_is_rebuilt_without_what_is_unknown():
    raw = {"output_type": "display_data", "data": {"image/png": PNG}, "x": 1}
    raw["metadata"] = {"needs_background": "light", "script": "evil"}
    (got,), _ = checked_outputs([raw])
    assert got == {
        "output_type": "display_data",
        "data": {"image/png": PNG},
        "metadata": {"needs_background": "light"},
    }


def test_a_session_that_lifts_its_own_limits(session):
    source = "shown = get_ipython().outputs\nshown.left = shown.notebook_left = 10**9\n"
    result = run(session, source + "print('x' * 2_000_000)")
    assert isinstance(result.ended, ProtocolError)
    with pytest.raises(ProtocolError):
        run(session, "1")


def test_forged_results_are_display_alone(session):
    source = "from IPython.display import publish_display_data\npublish_display_data({'text/plain': '5.0'})\n6.0"
    assert [o["output_type"] for o in run(session, source).outputs] == [
        "display_data",
        "execute_result",
    ]


# ---------------------------------------------------------------- hooks are the session's own

HOOKS = {
    "ast transformer": (
        "import ast\nclass T(ast.NodeTransformer):\n"
        "    def visit_Constant(self, node): return ast.Constant(99)\n"
        "get_ipython().ast_transformers.append(T())"
    ),
    "input transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['99'])",
    "pre_run_cell": "get_ipython().events.register('pre_run_cell', lambda info: 1 / 0)",
    "post_run_cell": "get_ipython().events.register('post_run_cell', lambda info: print('hook'))",
    "showtraceback": "get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: print('hook')",
    "run_cell": "type(get_ipython()).run_cell = lambda *a, **k: 99",
    "run": "type(get_ipython()).run = lambda *a, **k: ([], False)",
    "print": "import builtins; builtins.print = lambda *a: None",
    "len": "import builtins; builtins.len = lambda x: 99",
    "isinstance": "import builtins; builtins.isinstance = lambda *a: True",
    "allclose": "import numpy as np; np.allclose = np.array_equal = lambda *a, **k: True",
    "modules": "import sys; sys.modules.clear()",
    "json": "import json; json.dumps = lambda *a, **k: '[[], 5]'",
    "streams": "import sys; sys.stdout = sys.stderr = None",
    "threads": "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()",
    "trace": "import sys; sys.settrace(lambda *a: 1 / 0)",
    "recursion": "import sys; sys.setrecursionlimit(40)",
    "collector": "import gc; gc.disable(); del gc",
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_stays_in_its_session(server, name):
    check = "print(1 + 1, len('ab'), isinstance(1, str))\nimport numpy as np\nnp.allclose(1, 2)"
    with server.new_session() as spoilt, server.new_session() as other:
        try:
            spoilt.run_cell(HOOKS[name], cell_id="hook")
            spoilt.run_cell("1 / 0", cell_id="after")
            spoilt.stand_in("np")
        except SessionError:
            pass
        except NameError:
            pass
        for session in (other, server.new_session()):
            result = run(session, check)
            assert text(result) == "2 2 False\n"
            assert text(result, "execute_result") == "False"
            session.close()
    assert np.allclose(1, 1)
    assert not np.allclose(1, 2)


# ---------------------------------------------------------------- how a session ends


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        (
            "import os; os._exit(0)",
            SessionDied,
            r"ended Python, as os\._exit\(0\) does, in cell 'bad'",
        ),
        ("import os; os._exit(7)", SessionDied, r"os\._exit\(7\)"),
        ("import ctypes; ctypes.string_at(0)", SessionDied, "signal 11"),
        ("import os; os.abort()", SessionDied, "signal"),
        ("import os; os.close(3)", SessionDied, "ended|closed"),
        ("import os, time; os.close(3); time.sleep(60)", SessionDied, "closed its connection"),
        (
            "import os, time; os.closerange(0, 999); time.sleep(60)",
            SessionDied,
            "closed its connection",
        ),
        ("import os; os.write(3, b'garbage' * 99)", ProtocolError, "header that is too long"),
        ("import os; os.write(3, bytes(8))", ProtocolError, "no JSON"),
        ("import os\nwhile True: os.write(3, bytes(1 << 16))", ProtocolError, "no JSON"),
        (
            "import os; os.write(3, b'\\0\\0\\0\\x04\\xff\\xff\\xff\\xff[[]]')",
            ProtocolError,
            "too long",
        ),
        ("import os; os.fork()", SessionError, None),
        ("import os; os.dup2(os.open('/dev/null', os.O_RDWR), 3)", SessionError, None),
        ("import os; os.dup2(os.open('/dev/zero', os.O_RDWR), 3)", SessionError, None),
        ("import socket; socket.socket(fileno=3).shutdown(2)", SessionDied, None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL); print('alive')", None, ""),
        ("import os, signal; os.kill(-1, signal.SIGKILL); print('alive')", None, ""),
        ("import os, signal; os.killpg(0, signal.SIGKILL); print('alive')", None, ""),
        ("import os, signal; os.kill(os.getppid(), signal.SIGKILL); print('alive')", None, ""),
        ("import sys; sys.exit(0)", None, ""),
        ("exit()", None, ""),
    ],
)
def test_a_session_that_ends_itself(server, source, kind, message):
    with server.new_session() as session, server.new_session() as other:
        start = time.monotonic()
        result = run(session, source, "bad")
        assert time.monotonic() - start < 20
        if kind is None:
            assert session.ended is None
            assert run(session, "1").error is False
        elif session.ended is not None:  # a fork may end well: it must not talk for us
            assert isinstance(result.ended, kind)
            assert result.error
            for use in (
                lambda: run(session, "1"),
                lambda: session.stand_in("x"),
                lambda: session.share([1.0]),
            ):
                with pytest.raises(kind, match=message):
                    use()
            assert text(result, "error")
        assert text(run(other, "1 + 1"), "execute_result") == "2"


def test_a_stand_in_of_an_ended_session(session):
    run(session, "import os\ndef f(): os._exit(3)\ndef g(): return 1")
    f, g = session.stand_in("f"), session.stand_in("g")
    for function in (f, f, g):
        with pytest.raises(SessionDied, match=r"os\._exit\(3\) does, when the check called f"):
            function()
    assert isinstance(session.ended, SessionDied)


@pytest.fixture(scope="module")
def hasty():
    with ForkServer(Limits(cell_time_s=0.5, grace_s=1.0)) as server:
        yield server


def test_a_cell_that_is_interrupted(hasty):
    with hasty.new_session() as session:
        result = run(session, "print('so far')\nwhile True: pass")
        assert result.timed_out
        assert result.error
        assert "so far" in text(result)
        assert "KeyboardInterrupt" in text(result, "error")
        assert "stopped after 0.5 s" in text(result, "error")
        assert result.ended is None
        assert not run(session, "1").error


@pytest.mark.parametrize(
    "source",
    [
        "while True:\n    try:\n        for i in range(10**9): x = i\n    except BaseException: pass",
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64)); signal.pause()",
        "import os\nos.write(3, b'\\0')\nimport time; time.sleep(60)",
    ],
    ids=["swallows", "ignores", "blocks", "half a frame"],
)
def test_a_cell_that_cannot_be_interrupted(hasty, source):
    with hasty.new_session() as session:
        start = time.monotonic()
        result = run(session, source, "loop")
        assert time.monotonic() - start < 8
        assert isinstance(result.ended, (TimedOut, ProtocolError))
        if isinstance(result.ended, TimedOut):
            assert result.timed_out
            assert "took longer than 0.5 s and could not be interrupted, in cell 'loop'" in text(
                result, "error"
            )
        with pytest.raises(type(result.ended)):
            run(session, "1")


def test_the_time_of_a_notebook():
    limits = Limits(cell_time_s=5, notebook_time_s=0.6, grace_s=1.0)
    with ForkServer(limits) as server, server.new_session() as session:
        for _ in range(10):
            try:
                run(session, "import time; time.sleep(0.25)")
            except TimedOut as error:
                assert "0.6 s of a notebook" in str(error)  # noqa: PT017
                break
        else:
            pytest.fail("ran for 2.5 s")


def test_a_closed_session(server):
    session = server.new_session()
    session.close()
    session.close()
    with pytest.raises(SessionDied, match="closed"):
        run(session, "1")


def test_our_own_interrupt_ends_the_session(session):
    run(session, "def f(g): return g()")

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.stand_in("f")(interrupted)
    with pytest.raises(SessionDied, match="interrupted"):
        run(session, "1")


# ---------------------------------------------------------------- the server


def test_a_server_that_died_is_started_again():
    with ForkServer() as server:
        old = server.new_session()
        monitor = server._process.pid  # bubblewrap; its child is the warm Python
        with open(f"/proc/{monitor}/task/{monitor}/children") as file:
            os.kill(int(file.read()), 9)
        with server.new_session() as session:
            assert text(run(session, "1 + 1"), "execute_result") == "2"
            assert isinstance(run(old, "1").ended, SessionDied)
            old.close()


def test_a_fork_of_the_grader_leaves_the_server_alone():
    with ForkServer() as server:
        pid = os.fork()
        if pid == 0:
            os._exit(0 if server._control is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        with server.new_session() as session:
            assert not run(session, "1").error


def test_many_sessions_at_once(server):
    sessions = [server.new_session() for _ in range(5)]
    for i, session in enumerate(sessions):
        run(session, f"x = {i}")
    assert [s.stand_in("x") for s in sessions] == [0, 1, 2, 3, 4]
    for session in sessions:
        session.close()


def test_a_session_starts_quickly(server):
    times = []
    for _ in range(7):
        start = time.perf_counter()
        session = server.new_session()
        times.append(time.perf_counter() - start)
        session.close()
    assert sorted(times)[1] < 0.06  # the machine may be busy: the second best counts


def test_without_a_sandbox_it_works_the_same(tmp_path):
    with ForkServer(Limits(cell_time_s=1, grace_s=1), isolated=False) as server:
        with server.new_session() as session:
            assert text(run(session, "1 + 1"), "execute_result") == "2"
            run(session, "def f(x): return 2 * x")
            assert session.stand_in("f")(21) == 42
            where = text(run(session, "import os; os.getcwd()"), "execute_result").strip("'")
            assert os.path.isdir(where)
            assert run(session, "while True: pass").timed_out
            assert isinstance(run(session, "import os; os._exit(0)").ended, SessionDied)
        assert not os.path.exists(where)
        server.new_session()
        folder = server._home
    assert not os.path.exists(folder)
