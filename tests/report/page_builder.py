"""Pages of hand-made scans, and readers of them."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from migrate.effort.run import basis
from migrate.model import Answer, Shape, answer_key
from migrate.report.html import render, view

#: Assumptions away from their start, all at once.
CHANGED = {"team": 1.4, "tests": 0.9, "hardware": 1.2, "ai": 0.8, "reserve": 0.3, "tuning": 0.5, "operators": 0.75}

EVIL = "</script><img src=x onerror=alert(1)>'\"\x1b[31m\u202e&{{7*7}}"


def report_of(scan, changed=None):
    return view.report([("sample", "", scan)], basis(changed=changed))


def page_of(scan, **options):
    return render.render(report_of(scan), **options)


class Elements(HTMLParser):
    """Counts elements, keeps their attributes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    elements = Elements()
    elements.feed(page)
    return elements


def shown(page, key):
    """The figures bound to estimates: `0:p50` → text."""
    return dict(re.findall(rf'data-p="(\d+:{key})">([^<]*)<', page))


def poisoned(scan, evil=EVIL):
    """*scan* with a name, a path and an answer that try to be markup."""
    file = next(file for file in scan.files if file.uses)
    shape = Shape(evil, "call", "runtime", function=evil, side="host")
    uses = tuple(use._replace(shape=shape) if use.shape.name == "cudaFooBar" else use for use in file.uses)
    fresh = replace(file, path=f"src/{evil}.cu", uses=uses)
    answers = {
        key: {**known, answer_key(shape): Answer("MIG301", "unsupported", evil, "", "")}
        for key, known in scan.answers.items()
    }
    others = tuple(other for other in scan.files if other is not file)
    return scan._replace(files=(fresh, *others), answers=answers, near={evil: (evil,)})
