"""One estimate, four outputs: what a person reads at the terminal is what the page shows and JSON and CSV hold."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from migrate.messages import messages
from migrate.report import effort_words as words


class Figures(HTMLParser):
    """The figures of a page: what they are bound to → their text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.found = {}
        self._open = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        del tag
        bound = dict(attrs)
        self._open = bound.get("data-p") or bound.get("data-d")
        hours = re.fullmatch(r"(\d+)\|([\d.]+)", self._open or "")
        if hours:
            self._open = f"{hours[1]}|{float(hours[2]):.6f}"

    def handle_data(self, data):
        if self._open is not None:
            self.found.setdefault(self._open, set()).add(data.strip())
            self._open = None


def terminal(text):
    """Ranges by (target, route); days by target and layer as the lines of the waterfall have them."""
    say = messages("en")
    names = {words.route(say, key): key for key in ("rewrite", "shim", "compile-as-is", "adapter")}
    ranges, waterfalls, target = {}, {}, ""
    for line in text.splitlines():
        row = re.match(rf"(\S+) +({'|'.join(names)}) +([\d.,]+) +([\d.,]+) +([\d.,]+) ", line)
        head = re.fullmatch(rf"(\S+), ({'|'.join(names)})", line)
        bar = re.match(r"  (\w[\w ]*?) +([\d.,]+)(?:  |$)", line)
        if row:
            ranges[row[1], names[row[2]]] = row.groups()[2:]
        elif head:
            target = head[1]
        elif bar and target:
            waterfalls.setdefault(target, {}).setdefault(bar[1], bar[2])
    return ranges, waterfalls


@pytest.fixture
def outputs(run, samples_json):
    """Terminal, JSON, page and CSV of the same scan with the same assumptions."""
    more = ("--assume", "team=1.3,reserve=0.25")
    data = json.loads(run("estimate", samples_json, "--format", "json", *more)[1])
    page = Figures(run("report", samples_json, *more)[1]).found
    table = list(csv.DictReader(io.StringIO(run("report", samples_json, "--format", "csv", *more)[1])))
    return terminal(run("estimate", samples_json, *more)[1]), data, page, table


def test_ranges_are_the_same_everywhere(outputs):
    (ranges, _), data, page, table = outputs
    assert set(ranges) == {(one["target"], one["route"]) for one in data["estimates"]}
    totals = {(row["target"], row["route"]): row for row in table if row["layer"] == "total"}
    for number, one in enumerate(data["estimates"]):
        way = one["target"], one["route"]
        for key, shown in zip(("p10", "p50", "p90"), ranges[way], strict=True):
            assert shown == words.number(one["range"][key])
            assert page[f"{number}:{key}"] == {shown}
            assert float(totals[way][key]) == one["range"][key]


def test_layers_are_the_same_everywhere(outputs):
    (_, waterfalls), data, page, table = outputs
    say, seen, bars = messages("en"), set(), 0
    for number, one in enumerate(data["estimates"]):
        if one["target"] in seen:
            continue  # the terminal shows the waterfall of a target's first route, the page the same
        seen.add(one["target"])
        shown = waterfalls[one["target"]]
        assert shown["total"] == f"{one['range']['p50']:.1f}"
        if one["target"] == "musa":
            assert page[f"{number}:p50:1"] == {shown["total"]}
        for layer in one["layers"]:
            days = shown[words.layer(say, layer["layer"])]
            assert days == f"{layer['days']:.1f}"
            rows = [
                row
                for row in table
                if (row["target"], row["route"], row["layer"]) == (one["target"], one["route"], layer["layer"])
            ]
            assert sum(float(row["days"]) for row in rows) == pytest.approx(layer["days"])
            if layer["layer"] not in ("project", "kernels", "tuning", "reserve"):
                # The page binds a bar to its hours, so that its sliders can move it.
                assert days in page[f"{number}|{layer['hours']:.6f}"]
                bars += 1
    assert bars >= 12
