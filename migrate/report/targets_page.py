"""The reference page of the targets, written from `rules/targets.tsv` and the manifests in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.manifest import at_variant, load_manifest
from migrate.targets import entries, names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from migrate.manifest import Arch, Bilingual, Chip, Manifest

#: Languages of the page.
LANGUAGES = ("en", "zh")

_TEXT: dict[str, dict[str, str]] = {
    "title": {"en": "Targets", "zh": "目标平台"},
    "other": {"en": "[中文](targets.zh.md)", "zh": "[English](targets.md)"},
    "intro": {
        "en": "This page is generated from `rules/targets.tsv` and `rules/<target>/target.toml`, where the source of"
        " every fact stands beside it; edit those. An empty cell means that nothing public says it.",
        "zh": "本页由 `rules/targets.tsv` 与 `rules/<目标>/target.toml` 生成，每项事实的出处都写在这些文件中，"
        "请在那里修改。空白单元格表示没有公开资料说明。",
    },
    "notation": {
        "en": "A target is written `name[:variant][@sdk]`, for example `musa`, `musa:mp_31`, `cann:950@9.0`. A bare"
        " name means the default variant and the newest SDK; `all` means every target that way. Routes marked"
        " *shown beside* compile the CUDA source as it is: comparisons list them next to the default.",
        "zh": "目标写作 `名称[:变体][@SDK 版本]`，例如 `musa`、`musa:mp_31`、`cann:950@9.0`。"
        "只写名称表示默认变体和最新 SDK；`all` 表示全部目标的默认变体。"
        "标有“并列显示”的路线直接编译 CUDA 源码，对比时与默认路线并列给出。",
    },
    "main": {"en": "main list", "zh": "主要目标"},
    "more": {"en": "further", "zh": "其他目标"},
    "target": {"en": "target", "zh": "目标"},
    "vendor": {"en": "vendor", "zh": "厂商"},
    "stack": {"en": "stack", "zh": "软件栈"},
    "list": {"en": "list", "zh": "列表"},
    "kind": {"en": "kind", "zh": "类型"},
    "default": {"en": "default", "zh": "默认"},
    "sdk": {"en": "newest SDK", "zh": "最新 SDK"},
    "compiler": {"en": "compiler", "zh": "编译器"},
    "cuda-like": {"en": "renames", "zh": "改名"},
    "compile-as-is": {"en": "compiles as it is", "zh": "原样编译"},
    "foreign": {"en": "rewrites kernels", "zh": "重写核函数"},
    "kinds": {
        "en": "Kinds: *renames* — most of the API keeps its signatures under other names; *compiles as it is* — CUDA"
        " source stays and what differs is reported; *rewrites kernels* — host calls change signature and kernels are"
        " written anew.",
        "zh": "类型：“改名”指多数接口换名而签名不变；“原样编译”指保留 CUDA 源码，只报告差异；"
        "“重写核函数”指主机端调用签名不同，核函数需要重新编写。",
    },
    "aliases": {"en": "also called", "zh": "别名"},
    "variants": {"en": "Variants", "zh": "变体"},
    "variant": {"en": "variant", "zh": "变体"},
    "meaning": {"en": "meaning", "zh": "含义"},
    "facts": {"en": "facts", "zh": "条件"},
    "remarks": {"en": "remarks", "zh": "备注"},
    "is default": {"en": "default", "zh": "默认"},
    "beside": {"en": "shown beside", "zh": "并列显示"},
    "chips": {"en": "Chips", "zh": "芯片"},
    "chip": {"en": "chip", "zh": "芯片"},
    "products": {"en": "products", "zh": "产品"},
    "model": {"en": "model", "zh": "模型"},
    "warp": {"en": "warp", "zh": "warp 宽度"},
    "shared": {"en": "shared memory a block", "zh": "每块共享内存"},
    "threads": {"en": "threads a block, at most", "zh": "每块线程数上限"},
    "fp64": {"en": "double precision", "zh": "双精度"},
    "macro": {"en": "architecture macro", "zh": "架构宏"},
    "capability": {"en": "capability", "zh": "计算能力"},
    "source": {"en": "source", "zh": "出处"},
    "full": {"en": "yes", "zh": "支持"},
    "partial": {"en": "in part", "zh": "部分支持"},
    "slow": {"en": "slow", "zh": "较慢"},
    "none": {"en": "no", "zh": "不支持"},
    "unknown": {"en": "", "zh": ""},
    "build": {"en": "Build", "zh": "构建"},
    "what": {"en": "what", "zh": "项目"},
    "suffixes": {"en": "files", "zh": "文件"},
    "headers": {"en": "headers", "zh": "头文件"},
    "link": {"en": "link names", "zh": "链接库"},
    "macros": {"en": "compiler macros", "zh": "编译器宏"},
    "guards": {"en": "guards in projects", "zh": "项目中的条件宏"},
    "prefixes": {"en": "name prefixes", "zh": "接口前缀"},
    "reads": {"en": "`__CUDA_ARCH__` reads", "zh": "`__CUDA_ARCH__` 的值"},
    "version reads": {"en": "CUDA version reads", "zh": "CUDA 版本宏的值"},
    "undefined": {"en": "undefined", "zh": "未定义"},
    "sdks": {"en": "SDK versions told apart", "zh": "区分的 SDK 版本"},
    "environment": {"en": "environment", "zh": "环境"},
    "torch": {"en": "PyTorch", "zh": "PyTorch"},
    "material": {"en": "What the table stands on", "zh": "对照表的依据"},
    "colon": {"en": ": ", "zh": "："},
    "comma": {"en": ", ", "zh": "、"},
    "bracket": {"en": " ({})", "zh": "（{}）"},
}


def targets_page(rules_dir: Path, lang: str) -> str:
    """The Markdown page that lists every target with its variants, chips and build facts, in *lang* (en or zh).

    Depends on the files under *rules_dir* alone. Raises TargetError when one of them cannot be read.
    """
    rows = entries(rules_dir)
    manifests = [load_manifest(rules_dir, name) for name in names(rules_dir)]
    roles = {row.name: row.role for row in rows if not row.variant}
    heads = [_t(key, lang) for key in ("target", "vendor", "stack", "list", "kind", "default", "sdk", "compiler")]
    overview = [
        (
            f"[`{one.name}`](#{one.name})",
            _of(one.vendor, lang),
            one.title,
            _t(roles[one.name], lang),
            _t(one.kind, lang),
            _code(f"{key}={value}" for key, value in one.defaults.items()),
            one.newest_sdk,
            _code([one.compiler.get("name", "")]),
        )
        for one in manifests
    ]
    parts = [
        f"# {_t('title', lang)}",
        _t("other", lang),
        _t("intro", lang),
        _t("notation", lang),
        _table(heads, overview),
        _t("kinds", lang),
    ]
    for one in manifests:
        parts.extend(_section(one, lang))
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(one: Manifest, lang: str) -> list[str]:
    """What is known of one target."""
    aliases = _code(one.aliases)
    named = one.title if lang == "en" else one.title + _t("bracket", lang).format(one.vendor.zh)
    also = f"{_t('comma', lang)}{_t('aliases', lang)} {aliases}" if aliases else ""
    parts = [f"## {one.name}", f"{named}{also}", _variants(one, lang)]
    if one.chips:
        parts += [f"### {_t('chips', lang)}{_bracketed(one, lang)}", _chips(one, lang)]
    build = [(_t(label, lang), value) for label, value in _build(one, lang) if value]
    if build:
        parts += [f"### {_t('build', lang)}{_bracketed(one, lang)}", _table([_t("what", lang), one.stack], build)]
    for variant in one.variants.values():
        base, changed = _build(one, lang), _build(at_variant(one, variant.name), lang)
        rows = [
            (_t(label, lang), value) for (label, value), old in zip(changed, base, strict=True) if (label, value) != old
        ]
        if rows:
            parts.append(_table([_t("what", lang), f"`{one.name}:{variant.name}`"], rows))
    return [*parts, f"### {_t('material', lang)}{_bracketed(one, lang)}", _of(one.material, lang)]


def _bracketed(one: Manifest, lang: str) -> str:
    """The stack's name behind a heading, so that no two headings of the page are equal."""
    return _t("bracket", lang).format(one.stack)


def _variants(one: Manifest, lang: str) -> str:
    """The table of variants, "" for a target that has none."""
    rows = []
    for variant in one.variants.values():
        remarks = []
        if {**one.defaults, **variant.facts} == one.defaults:
            remarks.append(_t("is default", lang))
        if variant.aside:
            remarks.append(_t("beside", lang))
        if variant.kind != one.kind:
            remarks.append(_t(variant.kind, lang))
        facts = _code(f"{key}={value}" for key, value in variant.facts.items())
        rows.append((f"`{one.name}:{variant.name}`", _of(variant.title, lang), facts, _t("comma", lang).join(remarks)))
    heads = [_t(key, lang) for key in ("variant", "meaning", "facts", "remarks")]
    return _table(heads, rows) if rows else ""


def _chips(one: Manifest, lang: str) -> str:
    """The table of chips; columns in which nothing is known are left out."""
    keys = ("chip", "products", "model", "warp", "shared", "threads", "fp64", "macro", "capability", "source")
    rows = [_chip(chip, one.macros.device, lang) for chip in one.chips.values()]
    kept = [at for at in range(len(keys)) if any(row[at] for row in rows)]
    return _table([_t(keys[at], lang) for at in kept], [[row[at] for at in kept] for row in rows])


def _chip(chip: Chip, device_macro: str, lang: str) -> tuple[str, ...]:
    macro = chip.arch_macro or (device_macro if chip.arch_value else "")
    return (
        f"`{chip.name}`",
        chip.title,
        chip.model.upper(),
        str(chip.warp or ""),
        f"{chip.shared_memory_kb} KiB" if chip.shared_memory_kb else "",
        f"{chip.max_threads_per_block:,}" if chip.max_threads_per_block else "",
        _t(chip.fp64, lang),
        _code([f"{macro} = {chip.arch_value}" if macro and chip.arch_value else macro]),
        chip.capability,
        f"`{chip.source}`" if chip.source else "",  # paths may be in any language
    )


def _build(one: Manifest, lang: str) -> list[tuple[str, str]]:
    """Label and text of every build fact, "" where nothing is known; the same labels for every manifest."""
    compiler, torch = one.compiler, one.torch
    option = compiler.get("arch_option", "")
    language = f"-x {compiler['language']}" if compiler.get("language") else ""
    return [
        ("compiler", _code([compiler.get("name", ""), language, option])),
        ("suffixes", _code([compiler.get("suffix", ""), compiler.get("header_suffix", "")])),
        ("headers", _pairs(one.headers, lang)),
        ("link", _pairs(one.link, lang)),
        ("macros", _code(one.macros.compiler)),
        ("guards", _code(one.macros.guards)),
        ("reads", _reads(one.arch, "cuda_arch", lang)),
        ("version reads", _reads(one.arch, "cuda_version", lang)),
        ("prefixes", _code(one.api_prefixes)),
        ("sdks", ", ".join(one.known_sdks)),
        ("environment", _pairs(one.environment, lang)),
        ("torch", _pairs(torch, lang)),
    ]


def _reads(arch: Arch, which: str, lang: str) -> str:
    """A range of macro values as text: undefined, one number, or lowest to highest."""
    span: tuple[int, int] | None = getattr(arch, which)
    if span is None:
        return ""
    low, high = span
    if high == 0:
        return _t("undefined", lang)
    return str(low) if low == high else f"{low}–{high}"


def _pairs(table: dict[str, str], lang: str) -> str:
    return "<br>".join(f"{key}{_t('colon', lang)}`{value}`" for key, value in table.items())


def _code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words if word)


def _of(text: Bilingual, lang: str) -> str:
    return text.zh if lang == "zh" else text.en


def _t(key: str, lang: str) -> str:
    return _TEXT[key][lang]


def _table(heads: list[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; cells hold no line break, bars inside them are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
