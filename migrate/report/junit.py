"""JUnit's XML, which every CI system shows: a test case a finding, and one for each file without any."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from migrate.report.check_words import message, notes, target_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import Scan

#: Characters that XML 1.0 cannot hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def write_junit(found: Iterable[Finding], clean: Iterable[str], scan: Scan, out: TextIO, text: Messages) -> None:
    """Writes *found* to *out*: new ones fail, known and suppressed ones are skipped; *clean* files pass."""
    suites = {path: list(group) for path, group in groupby(found, key=lambda finding: finding.place)}
    suites |= {path: [] for path in clean if path not in suites}
    everything = [finding for here in suites.values() for finding in here]
    tests = len(everything) + sum(not here for here in suites.values())
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<testsuites name="migrate" {_numbers(everything, tests)}>\n')
    for path, here in sorted(suites.items()):
        out.write(f' <testsuite name="{attribute(path)}" {_numbers(here, len(here) or 1)}>\n')
        if not here:
            out.write(f'  <testcase classname="{attribute(path)}" name="migrate"/>\n')
        out.writelines(_case(finding, scan, text) for finding in here)
        out.write(" </testsuite>\n")
    out.write("</testsuites>\n")


def _numbers(found: list[Finding], tests: int) -> str:
    failures = sum(finding.state == "new" for finding in found)
    return f'tests="{tests}" failures="{failures}" errors="0" skipped="{len(found) - failures}"'


def _case(finding: Finding, scan: Scan, text: Messages) -> str:
    only = target_names(finding, scan)
    said = f"{f'{only}: ' if only else ''}{message(finding, text)}"
    name = f"{finding.id} {finding.line}:{finding.column} {finding.name}".rstrip()
    head = f'  <testcase classname="{attribute(finding.place)}" name="{attribute(name)}" line="{finding.line}">'
    if finding.state != "new":
        why = finding.reason or text("check.known" if finding.state == "known" else "check.suppressed")
        return f'{head}<skipped message="{attribute(why)}"/></testcase>\n'
    place = (
        f"{finding.place}:{finding.line}:{finding.column}: {finding.id} {said} [{text('class.' + finding.category)}]"
    )
    body = "\n".join([place, *notes(finding, scan, text)])
    return f'{head}<failure type="{finding.id}" message="{attribute(said)}">{content(body)}</failure></testcase>\n'


def attribute(text: str) -> str:
    """*text* inside quotes; what XML cannot hold becomes U+FFFD."""
    return "".join(_ESCAPES.get(character, character) for character in _FORBIDDEN.sub("\ufffd", text))


def content(text: str) -> str:
    """*text* between tags."""
    return _FORBIDDEN.sub("\ufffd", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
