"""The trees of errors drawn in docstrings are those that the code has."""

from types import ModuleType

import pytest

import builders.errors
import scoring.errors
import steadyscore.errors

BRANCHES = ("├── ", "└── ")


def drawn_tree(docstring: str) -> list[tuple[str, str]]:
    """(class, base) for each branch drawn in a docstring."""
    path: list[str] = []
    tree: list[tuple[str, str]] = []
    for line in docstring.splitlines():
        depth = next((line.index(branch) // 4 + 1 for branch in BRANCHES if branch in line), 0)
        name = line[4 * depth :].split(" ")[0]
        if depth:
            tree.append((name, path[depth - 1]))
        path[depth:] = [name]
    return tree


def real_tree(module: ModuleType) -> list[tuple[str, str]]:
    """(class, base) for each class of the module but its root, in the order of their definition."""
    classes = [
        found for found in vars(module).values() if isinstance(found, type) and found.__module__ == module.__name__
    ]
    return [(one.__name__, one.__bases__[0].__name__) for one in classes if one.__bases__ != (Exception,)]


@pytest.mark.parametrize(
    "module", [scoring.errors, builders.errors, steadyscore.errors], ids=lambda module: module.__name__
)
def test_the_tree_in_the_docstring_is_the_tree_of_classes(module: ModuleType) -> None:
    drawn = drawn_tree(module.__doc__ or "")

    assert drawn
    assert sorted(drawn) == sorted(real_tree(module))


@pytest.mark.parametrize("module", [scoring.errors, steadyscore.errors], ids=lambda module: module.__name__)
def test_every_error_of_the_module_hangs_on_one_root(module: ModuleType) -> None:
    errors = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]

    roots = [error for error in errors if error.__bases__ == (Exception,)]

    assert len(roots) == 1
    assert all(issubclass(error, roots[0]) for error in errors)
