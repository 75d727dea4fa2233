"""Each security rule of the meter has a test that is named after it, and does something."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
RULES = {
    "SE-01": "what the bits of the security control octet mean",
    "SE-02": "nonce of title and counter, tag of 12 octets compared in constant time",
    "SE-03": "what is authenticated besides; nothing is changed by what is encrypted only",
    "SE-04": "a counter is greater than the last one, and taken only once its tag verified",
    "SE-05": "counters are written before execution and never repeat after a crash or a copy",
    "SE-06": "a counter begins anew only with its key, tells when it is high, and has an end",
    "SE-07": "a dedicated key has counters of its own and ends with its association",
    "SE-08": "the broadcast key reads and sets the time, and does nothing else",
    "SE-09": "a provisioned system title is not learned from an AARQ",
    "SE-10": "challenges are long, single, not reflected; the client proves itself first",
    "SE-11": "only who proved the key is told the counter that is expected",
    "SE-12": "no weaker mechanism, context, policy or suite",
    "SE-13": "nothing plain in a ciphered association; an answer is protected like its request",
    "SE-14": "failures are told and lock, and a lock on one client shuts out no other",
    "SE-15": "a former key is good for a while; no key is ever shown",
    "SE-16": "the public client sees nothing that is measured",
    "SE-17": "pushes have counters of their own and none is taken twice",
    "AL-01": "mechanisms 2, 3 and 4 are refused",
    "AL-02": "a secret is written and never read",
    "AL-03": "before its proof a client may do nothing else",
    "AL-04": "each association has its own object list",
    "AL-05": "access is checked in every service",
}


@cache
def named_tests() -> dict[str, ast.FunctionDef]:
    """All test functions by their names."""
    found: dict[str, ast.FunctionDef] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[f"{path.name}::{node.name}"] = node
    return found


def says_something(test: ast.FunctionDef) -> bool:
    """Whether a test asserts anything, itself or by what it expects to be raised."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.raises":
            return True
    return False


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_a_test_of_its_name(rule: str) -> None:
    word = rule.lower().replace("-", "_")
    tests = {
        name: test
        for name, test in named_tests().items()
        if f"_{word}_" in name.split("::")[1].lower()
    }
    assert tests, f"{rule}: {RULES[rule]}"
    assert any(says_something(test) for test in tests.values())
