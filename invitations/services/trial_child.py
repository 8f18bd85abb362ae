"""The process that tries a template: an order as JSON in, pages or a refusal out.

Started by its path, it needs nothing of ours. It bounds its own memory and processor time
before it reads a byte.
"""

from __future__ import annotations

import json
import re
import resource
import sys

import typst

MEMORY = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 5


def main() -> int:
    """Set the template of the order that stands on the standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: dict[str, object]
    try:
        answer = {"pages": _pages(json.loads(sys.stdin.buffer.read()))}
    except RuntimeError as error:
        answer = {"refused": _plain(error)}
    sys.stdout.write(json.dumps(answer))
    return 0


def _pages(order: dict[str, str]) -> int:
    """Return how many pages the template makes; as PDF it has to be tagged PDF/A as well."""
    compiler = typst.Compiler(
        root=order["root"],
        font_paths=typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[order["fonts"]],
        ),
        ignore_system_fonts=True,
    )
    template, inputs = order["template"].encode(), {"paper": order["data"]}
    compiler.compile(template, format="pdf", sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"])
    made = compiler.compile(template, format="svg", sys_inputs=inputs)
    return len(made) if isinstance(made, list) else 1


def _plain(error: RuntimeError) -> str:
    said = str(getattr(error, "message", error))
    place = re.search(r":(\d+):(\d+)\n", str(getattr(error, "diagnostic", "")))
    hints = "; ".join(getattr(error, "hints", []))
    where = f"{place[1]}:{place[2]}: " if place else ""
    return f"{where}{said}" + (f" ({hints})" if hints else "")


if __name__ == "__main__":
    sys.exit(main())
