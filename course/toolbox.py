"""Save the layers of units 03 to 05 as files, load them in unit 06.

The toolbox is a folder ``toolbox`` beside the folders of the units, one readable
Python file a unit. A graded run reads the reference layers in its place: the
variable ``COURSE_TOOLBOX`` names their folder.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import os
import sys
import types
from pathlib import Path

from ._language import _

VARIABLE = "COURSE_TOOLBOX"


class NotInToolbox(NotImplementedError):
    """Raised when a layer is used that no unit has saved yet; says which unit does."""


def folder() -> Path:
    """Return the folder of the toolbox: ``COURSE_TOOLBOX``, else ``../toolbox``."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path.cwd().parent / "toolbox"


def _definition(obj) -> tuple[str, ast.AST]:
    """Return the source text of a function or class of a notebook, and its syntax tree.

    `inspect.getsource` cannot find a class of a notebook before Python 3.13; the
    code of one of its methods knows the cell it came from.
    """
    code = getattr(obj, "__code__", None)
    if code is None:
        methods = [m for m in vars(obj).values() if inspect.isroutine(m)]
        found = [inspect.unwrap(getattr(m, "__func__", m)) for m in methods]
        code = next((f.__code__ for f in found if hasattr(f, "__code__")), None)
    lines = linecache.getlines(code.co_filename) if code else []
    text = "".join(lines)
    try:
        tree = ast.parse(text)
    except SyntaxError:  # the cell holds a magic as well; let IPython rewrite it
        from IPython.core.inputtransformer2 import TransformerManager

        text = TransformerManager().transform_cell(text)
        tree = ast.parse(text)
    for node in tree.body:
        if getattr(node, "name", None) == obj.__name__:
            return ast.get_source_segment(text, node) or ast.unparse(node), node
    said = _("cannot find the source of {name}: run the cell that defines it, then save again")
    raise ValueError(said.format(name=obj.__name__))


def _names_used(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - set(dir(builtins))


def _collect(obj, namespace: dict, parts: dict[str, str]) -> None:
    """Add ``obj`` and the names it needs from the notebook to ``parts``, needs first."""
    if obj.__name__ in parts:
        return
    text, node = _definition(obj)
    parts[obj.__name__] = ""  # holds the place: a recursive helper must not loop for ever
    needs = {}
    for name in sorted(_names_used(node)):
        value = namespace.get(name)
        if isinstance(value, types.ModuleType):
            needs[name] = f"import {value.__name__} as {name}"
        elif getattr(value, "__module__", None) == "__main__":
            _collect(value, namespace, parts)
        elif isinstance(value, (int, float, str, bool)):
            needs[name] = f"{name} = {value!r}"
        elif hasattr(value, "__module__") and hasattr(value, "__name__"):
            needs[name] = f"from {value.__module__} import {value.__name__} as {name}"
    del parts[obj.__name__]
    parts.update({name: line for name, line in needs.items() if name not in parts})
    parts[obj.__name__] = text


def save(*objects) -> None:
    """Write the source of each function or class, and of the helpers it uses, to the toolbox.

    Prints where each went. An object whose body still raises NotImplementedError is
    left out, and said so; the file is replaced whole or not at all.

    Raises
    ------
    ValueError
        If the source of an object cannot be found.
    """
    target = folder()
    for obj in objects:
        parts: dict[str, str] = {}
        _collect(obj, vars(sys.modules["__main__"]), parts)
        if "raise NotImplementedError()" in parts[obj.__name__]:
            print(_("{name}: not written yet, not saved").format(name=obj.__name__))
            continue
        imports = [t for t in parts.values() if t.startswith(("import ", "from "))]
        rest = [t for t in parts.values() if t not in imports]
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"{obj.__name__}.py"
        draft = path.with_suffix(".tmp")
        draft.write_text("\n".join(imports) + "\n\n\n" + "\n\n\n".join(rest) + "\n", "utf-8")
        draft.replace(path)
        said = _("{name}: saved in {place}")
        print(said.format(name=obj.__name__, place=f"{target.name}/{path.name}"))


def _placeholder(name: str, unit: str):
    """Return a class that says, when it is used, where ``name`` is written."""

    def __init__(self, *args, **kwargs):
        said = _("{name} is not in your toolbox yet: write and save it in unit {unit}")
        raise NotInToolbox(said.format(name=name, unit=unit))

    return type(name, (), {"__init__": __init__, "__doc__": f"Stands in for {name}."})


UNITS = {
    "MulLayer": "03", "AddLayer": "03", "Relu": "04", "Sigmoid": "04",
    "Affine": "05", "SoftmaxWithLoss": "05", "softmax": "05", "cross_entropy_error": "05",
}  # fmt: skip


def load(*names: str):
    """Return the named layers from the toolbox: one object, or a tuple of several.

    A layer that is not there yet comes back as a class that raises `NotInToolbox`
    when it is constructed, so that the rest of a notebook can be read and run.

    Raises
    ------
    ImportError
        If a saved file does not run; the message names the file and the line.
    """
    loaded = []
    for name in names:
        path = folder() / f"{name}.py"
        if not path.is_file():
            loaded.append(_placeholder(name, UNITS.get(name, _("03 to 05"))))
            continue
        namespace: dict = {"__name__": f"toolbox.{name}", "__file__": str(path)}
        try:
            exec(compile(path.read_text("utf-8"), str(path), "exec"), namespace)
            loaded.append(namespace[name])
        except Exception as error:
            said = _("{file} does not run: {error!r}; save it again")
            raise ImportError(said.format(file=f"toolbox/{path.name}", error=error)) from error
    return loaded[0] if len(names) == 1 else tuple(loaded)
