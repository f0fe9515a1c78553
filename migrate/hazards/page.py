"""The reference page "hazards by target and chip", generated from the modules and the manifests.

`python -m migrate.hazards.page docs/reference` writes it in both languages.
"""

from __future__ import annotations

import sys
from pathlib import Path

from migrate.findings import titles
from migrate.hazards import load
from migrate.hazards.facts import Facts, facts_of
from migrate.targets import entries, parse_target

_HEAD = {
    "en": (
        "# Hazards by target and chip",
        (
            "Code that compiles and then does something else. Generated from `migrate/hazards` and "
            "`rules/*/target.toml`; a target that a hazard does not name has no public fact about it, "
            "which is not the same as being safe."
        ),
        "| detail | target | reason | evidence |",
    ),
    "zh": (
        "# 各目标与芯片的隐患",
        (
            "能够编译、但行为不同的代码。由 `migrate/hazards` 与 `rules/*/target.toml` 生成；"
            "某项隐患没有列出的目标只是没有公开依据，并不等于安全。"
        ),
        "| 细项 | 目标 | 原因 | 依据 |",
    ),
}

#: A name of each detail that has numbers of its own, for which the table shows the answer.
_EXAMPLES = {
    "architecture-test/compared": (
        "__CUDA_ARCH__ >= 530",
        "__CUDA_ARCH__ >= 800",
        "__CUDA_ARCH__ >= 900",
        "CUDA_VERSION >= 11000",
    ),
    "capability-test/major": ("major >= 7",),
    "shared-memory/static": ("49152 bytes",),
    "shared-memory/opt-in": ("cudaFuncSetAttribute 98304 bytes",),
    "block-size/threads": ("1024 threads without bounds",),
    "launch-limits/grid": ("70000 blocks",),
    "launch-limits/bounds": ("4096 threads",),
    "launch-limits/registers": ("1024 threads",),
    "launch-limits/second-bound": ("2 a block",),
    "capability-test/number": ("sm_version >= 90",),
    "changed-signature/newer": ("cudaMemPrefetchAsync of CUDA 13",),
}


def targets(rules_dir: Path) -> list[Facts]:
    """The facts of every target and of those variants that the target itself does not speak for already."""
    found: dict[str, Facts] = {}
    for row in entries(rules_dir):
        facts = facts_of(parse_target(row.name + (f":{row.variant}" if row.variant else ""), rules_dir), rules_dir)
        whole = found.get(row.name)
        if whole is None or not _speaks_for(whole, facts):
            found[facts.target.key] = facts
    return list(found.values())


def _speaks_for(whole: Facts, part: Facts) -> bool:
    """Whether *part* is the same route and generation on some of the chips of *whole*."""
    rest = [{key: value for key, value in facts.target.facts.items() if key != "chip"} for facts in (whole, part)]
    return rest[0] == rest[1] and set(part.chips) <= set(whole.chips)


def page(rules_dir: Path, lang: str) -> str:
    """The page in *lang*, "en" or "zh"."""
    title, sentence, header = _HEAD[lang]
    known = titles(lang)
    suffix = ".zh.md" if lang == "zh" else ".md"
    lines = [title, "", sentence, ""]
    asked = targets(rules_dir)
    for hazard in load().values():
        lines += [f"## {hazard.id} {known[hazard.id]}", "", f"[{hazard.id}](../findings/{hazard.id}{suffix})", ""]
        lines += [header, "| --- | --- | --- | --- |"]
        for detail in hazard.details:
            for name in _EXAMPLES.get(f"{hazard.slug}/{detail}", ("",)):
                lines += _rows(hazard.slug, detail, name, asked, lang)
        lines.append("")
    return "\n".join(lines)


def _rows(slug: str, detail: str, name: str, asked: list[Facts], lang: str) -> list[str]:
    """One row a distinct reason, with the targets it holds for."""
    hazard = load()[slug]
    found: dict[tuple[str, str], list[str]] = {}
    for facts in asked:
        if hazard.kernel and not facts.runs_threads:
            continue
        verdict = hazard.judge(detail, name, facts)
        if verdict is not None:
            reason = verdict.note.zh if lang == "zh" else verdict.note.en
            found.setdefault((reason, "; ".join(verdict.evidence)), []).append(f"`{facts.target.key}`")
    shown = f"`{name}`" if name else detail
    separator = "、" if lang == "zh" else ", "
    return [
        f"| {shown} | {separator.join(keys)} | {_cell(reason)} | `{evidence.replace('|', ' ')}` |"
        for (reason, evidence), keys in found.items()
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("<", "&lt;")


def main(folder: Path) -> None:
    """Write the page in both languages into *folder*."""
    from migrate.tables.rules import rules_dir

    for lang, suffix in (("en", ".md"), ("zh", ".zh.md")):
        (folder / f"hazards{suffix}").write_bytes(page(rules_dir(), lang).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
