"""Fuzz a target with coverage guidance: `python fuzz/run.py TARGET --runs N`, or all for a while.

A finding is an undocumented exception, more than 50 ms of processor time for 2 KiB, or a process
that grows beyond all measure; its input is kept in `fuzz/findings/`, and belongs into the corpus
once repaired. `fuzz/corpus/TARGET.txt` holds an input a line, in hexadecimal; `--keep` adds those
that reached new code.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
CORPUS: Final = HERE / "corpus"
FINDINGS: Final = HERE / "findings"
KEPT: Final = 150
"""Inputs of one target in its corpus, and how long one may be."""
KEPT_OCTETS: Final = 128
MAX_OCTETS: Final = 2048
BUDGET_S: Final = 0.05
MEMORY_MIB: Final = 1024


def main() -> int:
    """The command line: one target in this process, or all, each in one of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", help="the one to fuzz; all without it")
    parser.add_argument("--runs", type=int, default=0, help="executions of each target")
    parser.add_argument("--seconds", type=float, default=0.0, help="time for all targets together")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same inputs")
    parser.add_argument("--keep", action="store_true", help="add to the corpus what is new")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--grown", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    sys.path.insert(0, str(HERE))
    if args.grown is not None:
        return _fuzz(args)
    import ends  # noqa: F401  (it adds its targets)
    import protected  # noqa: F401  (as it does)
    import recordings  # noqa: F401
    from targets import TARGETS

    if args.list:
        print("\n".join(TARGETS))
        return 0
    if args.target is not None and args.target not in TARGETS:
        print(f"no target {args.target!r}; there are: {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    if not args.runs and not args.seconds:
        print("say how long: --runs or --seconds", file=sys.stderr)
        return 2
    return _fuzz_all([args.target] if args.target else list(TARGETS), args)


def _fuzz_all(names: list[str], args: argparse.Namespace) -> int:
    """All of them, as many at once as there are processors; 1 when there is a finding."""
    workers = os.cpu_count() or 1
    seconds = args.seconds * min(workers, len(names)) / len(names)
    with ThreadPoolExecutor(workers) as pool:
        passed = list(pool.map(lambda name: _fuzz_one(name, args, seconds), names))
    failed = [name for name, good in zip(names, passed, strict=True) if not good]
    if failed:
        print(f"findings in: {', '.join(failed)}; inputs are in {FINDINGS}")
    return 1 if failed else 0


def _fuzz_one(name: str, args: argparse.Namespace, seconds: float) -> bool:
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as grown:
        done = _in_its_own_process(name, args, seconds, Path(grown))
        if args.keep and not done.returncode:
            _keep(name, Path(grown))
    told = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
    lasted_s = time.monotonic() - begun_s
    if done.returncode:
        print(f"{name}: FINDING\n{done.stdout[-2000:]}{done.stderr[-4000:]}", flush=True)
    else:
        print(f"{name}: {told[-1] if told else 'done'}; {lasted_s:.0f} s in all", flush=True)
    return done.returncode == 0


def _in_its_own_process(
    name: str, args: argparse.Namespace, seconds: float, grown: Path
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, __file__, name, "--grown", str(grown)]
    command += ["--runs", str(args.runs), "--seed", str(args.seed), "--seconds", str(seconds)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read_corpus(name: str) -> list[bytes]:
    """The kept inputs of a target."""
    path = CORPUS / f"{name}.txt"
    return [bytes.fromhex(line) for line in path.read_text().splitlines()] if path.exists() else []


def _keep(name: str, grown: Path) -> None:
    """Add the shortest of the new inputs, up to a limit: a corpus is read in every check."""
    known = read_corpus(name)
    fresh = {path.read_bytes() for path in grown.iterdir()} - set(known)
    fitting = sorted((o for o in fresh if len(o) <= KEPT_OCTETS), key=lambda o: (len(o), o))
    kept = sorted([*known, *fitting[: max(0, KEPT - len(known))]], key=lambda o: (len(o), o))
    (CORPUS / f"{name}.txt").write_text("".join(f"{octets.hex()}\n" for octets in kept))


def _fuzz(args: argparse.Namespace) -> int:
    """One target, in this process, which ends with it; new inputs go to the folder `grown`."""
    import atheris

    with atheris.instrument_imports(include=["addad"]):
        import ends  # noqa: F401  (it adds its targets)
        import protected  # noqa: F401  (as it does)
        import recordings  # noqa: F401
        from targets import TARGETS
    name = args.target
    function = TARGETS[name]
    FINDINGS.mkdir(exist_ok=True)
    for number, octets in enumerate(read_corpus(name)):
        (args.grown / f"corpus-{number}").write_bytes(octets)

    def within_budget(octets: bytes) -> None:
        begun_s = time.process_time()
        function(octets)
        if time.process_time() - begun_s <= BUDGET_S:
            return
        lasted_s = min(_timed(function, octets) for _ in range(5))  # another process disturbed it?
        if lasted_s > BUDGET_S:
            raise AssertionError(f"{lasted_s * 1e3:.0f} ms for {len(octets)} octets")

    arguments = [
        sys.argv[0],
        f"-max_len={MAX_OCTETS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        "-timeout=60",
        f"-seed={args.seed}",
        f"-artifact_prefix={FINDINGS}/{name}-",
    ]
    if args.runs:
        arguments.append(f"-runs={args.runs}")
    if args.seconds:
        arguments.append(f"-max_total_time={max(1, round(args.seconds))}")
    atheris.Setup([*arguments, str(args.grown)], within_budget)
    atheris.Fuzz()
    return 0


def _timed(function: object, octets: bytes) -> float:
    assert callable(function)
    begun_s = time.process_time()
    function(octets)
    return time.process_time() - begun_s


if __name__ == "__main__":
    raise SystemExit(main())
