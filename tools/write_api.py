"""Write the API reference from the docstrings, as pages for a browser; see `make docs`."""

import argparse
import sys
import typing
import warnings
from pathlib import Path
from types import ModuleType

import pdoc
import pdoc.render

TEMPLATES = Path(__file__).resolve().parent / "reference"
DOCUMENTED = (
    "addad.dlms",
    "addad.cosem",
    "addad.net",
    "addad.reader",
    "addad.obis",
    "addad.units",
    "addad.errors",
)


def resolve_named_tuples(module: ModuleType) -> None:
    """Give the fields of its named tuples their types, where `typing` keeps only the names."""
    for made in vars(module).values():
        if isinstance(made, type) and issubclass(made, tuple) and hasattr(made, "_fields"):
            scope = vars(sys.modules[made.__module__])
            made.__new__.__annotations__ = typing.get_type_hints(made, scope)


def run() -> int:
    """Write the pages of all documented modules, or of those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pages go")
    parser.add_argument("modules", nargs="*", default=DOCUMENTED, help="all that is documented")
    args = parser.parse_args()
    for name in pdoc.extract.walk_specs(args.modules):
        resolve_named_tuples(pdoc.extract.load_module(name))
    pdoc.render.configure(template_directory=TEMPLATES)
    with warnings.catch_warnings():
        # an attribute named `type` hides the built-in one from its neighbours
        warnings.filterwarnings("ignore", "Error parsing type annotation type")
        pdoc.pdoc(*args.modules, output_directory=args.folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(run())
