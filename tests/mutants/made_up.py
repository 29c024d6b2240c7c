"""Slips made by rule where `mutants.py` has them by hand: an operator, a condition or a number of the core is another.

`sites` finds what can be changed in a module, `spoilt` gives the text of the module with one of them changed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.mutants.mutants import ABSENCE, CHANGES, FAN_OUT, RECORDS, SLIPS, SWEEP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CORE = {
    "connector/sweep": f"{SWEEP} {SLIPS}",
    "connector/absence": f"{ABSENCE} {SLIPS}",
    "connector/fan_out.py": FAN_OUT,
    "connector/changes.py": f"{CHANGES} {SLIPS}",
    "connector/stored_rows.py": RECORDS,
    "connector/http/retry.py": "tests/http/test_retry_policy.py tests/http/test_http_client.py",
    "connector/http/hosts.py": "tests/http/test_hosts.py tests/http/test_http_client.py",
    "connector/http/body.py": "tests/http/test_reply_bodies.py",
    "connector/http/rate_limit.py": "tests/http/test_rate_gate.py",
    "pipelines/publish.py": "tests/crash/test_crash_publish.py",
}
"""The core, and the tests that hold it."""

OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


@dataclass(frozen=True)
class Site:
    """A place in a module, by its number in the order of the tree."""

    file: str
    number: int
    line: int
    what: str


def changeable(tree: ast.Module) -> Iterator[ast.expr]:
    """The expressions of functions that a rule can change, in the order of the tree."""
    seen = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in (node for statement in function.body for node in ast.walk(statement)):
            if isinstance(node, ast.expr) and can_change(node) and node not in seen:
                seen.add(node)
                yield node


def can_change(node: ast.expr) -> bool:
    """Tell whether a rule knows another form of it."""
    match node:
        case ast.Compare(ops=[one]):
            return type(one) in OTHER
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return True
        case ast.Constant(value=bool() | int()):
            return True
    return False


def change(node: ast.expr) -> None:
    """Change an expression in its place."""
    match node:
        case ast.Compare(ops=[one]):
            node.ops = [OTHER[type(one)]()]
        case ast.BoolOp(op=one) | ast.BinOp(op=one):
            node.op = OTHER[type(one)]()
        case ast.UnaryOp():
            node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1


def sites(root: Path, file: str) -> list[Site]:
    """All that can be changed in a module."""
    nodes = list(changeable(ast.parse((root / file).read_text())))
    return [Site(file, number, node.lineno, ast.unparse(node)) for number, node in enumerate(nodes)]


def spoilt(text: str, site: Site) -> tuple[str, str]:
    """The text of a module with one place changed, and how that place reads now."""
    tree = ast.parse(text)
    node = list(changeable(tree))[site.number]
    change(node)
    return ast.unparse(tree), ast.unparse(node)
