"""Targets: the notation, the manifests, and that table, manifests and reference pages say the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from migrate.manifest import at_variant, load_manifest
from migrate.model import Target
from migrate.report.targets_page import LANGUAGES, targets_page
from migrate.targets import ROLES, TARGET_KINDS, TargetError, asides, entries, names, parse_target, parse_targets

ROOT = Path(__file__).parent.parent
RULES = ROOT / "rules"
ORDER = ("musa", "maca", "supa", "tops", "cann", "corex", "dtk", "cambricon", "xpu", "tsm")
WRITTEN = ("cuda-like", "foreign")


def target(text: str) -> Target:
    return parse_target(text, RULES)


def message(text: str) -> str:
    with pytest.raises(TargetError) as caught:
        parse_target(text, RULES)
    return str(caught.value)


def test_names_stand_in_the_order_of_every_output():
    assert names(RULES) == ORDER
    assert names(RULES, main_only=True) == ORDER[:5]
    assert {path.parent.name for path in RULES.glob("*/target.toml")} == set(ORDER)


@pytest.mark.parametrize(
    ("text", "key", "kind", "facts", "title"),
    [
        ("musa", "musa", "cuda-like", {"route": "native", "chip": "mp_22"}, "MUSA mp_22"),
        ("musa:mp_31", "musa:mp_31", "cuda-like", {"route": "native", "chip": "mp_31"}, "MUSA mp_31"),
        ("musa@4.3", "musa@4.3", "cuda-like", {"route": "native", "chip": "mp_22", "sdk": "4.3"}, "MUSA mp_22 SDK 4.3"),
        ("maca", "maca", "cuda-like", {"route": "native"}, "MACA (native)"),
        ("maca:native", "maca:native", "cuda-like", {"route": "native"}, "MACA (native)"),
        ("maca:cu-bridge", "maca:cu-bridge", "compile-as-is", {"route": "cu-bridge"}, "MACA (cu-bridge)"),
        ("supa", "supa", "cuda-like", {"route": "native", "sdk": "2"}, "BIRENSUPA SDK 2"),
        ("supa:sdk1", "supa:sdk1", "cuda-like", {"route": "native", "sdk": "1"}, "BIRENSUPA SDK 1"),
        ("supa@1", "supa@1", "cuda-like", {"route": "native", "sdk": "1"}, "BIRENSUPA SDK 1"),
        ("supa@2.1", "supa@2.1", "cuda-like", {"route": "native", "sdk": "2.1"}, "BIRENSUPA SDK 2.1"),
        ("supa:suda", "supa:suda", "compile-as-is", {"route": "suda", "sdk": "2"}, "BIRENSUPA (SUDA)"),
        ("tops", "tops", "foreign", {"chip": "gcu400"}, "TopsCC gcu400"),
        ("tops:efgcu500", "tops:efgcu500", "cuda-like", {"chip": "efgcu500"}, "TopsCC efgcu500"),
        ("cann", "cann", "foreign", {"chip": "a2"}, "CANN A2"),
        ("cann:950@9.0", "cann:950@9.0", "foreign", {"chip": "950", "sdk": "9.0"}, "CANN 950 SDK 9.0"),
        ("corex", "corex", "compile-as-is", {"route": "cuda"}, "CoreX"),
        ("dtk", "dtk", "cuda-like", {"route": "hip"}, "DTK (HIP)"),
        ("dtk:cuda", "dtk:cuda", "compile-as-is", {"route": "cuda"}, "DTK (CUDA)"),
        ("mlu", "cambricon", "foreign", {}, "Neuware"),
        ("xpu:cuda", "xpu:cuda", "compile-as-is", {"route": "cuda"}, "XPU (CUDA)"),
        ("tsm", "tsm", "foreign", {}, "TSM"),
        (" MUSA:MP_31 ", "musa:mp_31", "cuda-like", {"route": "native", "chip": "mp_31"}, "MUSA mp_31"),
    ],
)
def test_notation(text, key, kind, facts, title):
    found = target(text)
    assert (found.key, found.kind, found.facts, found.title) == (key, kind, facts, title)
    assert found.key == found.name + (found.variant and f":{found.variant}") + (found.sdk and f"@{found.sdk}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mussa", 'unknown target "mussa", did you mean "musa"? (valid: musa, maca,'),
        ("ascent:950", 'unknown target "ascent" in "ascent:950", did you mean "ascend"?'),
        (
            "cann:960",
            'unknown variant "960" of target cann, did you mean "950"? (valid: a2, a3, 950, 310b, 310p, 910a)',
        ),
        ("maca:cubridge", 'unknown variant "cubridge" of target maca, did you mean "cu-bridge"?'),
        ("corex:cuda", 'unknown variant "cuda" of target corex: it has no variants'),
        ("musa:", 'unknown variant "" of target musa (valid: mp_21, mp_22, mp_31)'),
        ("musa@latest", 'bad SDK version "latest" in target "musa@latest"'),
        ("musa@", 'bad SDK version ""'),
        ("musa@4..3", 'bad SDK version "4..3"'),
        ("", "does not begin with a name"),
        (":mp_22", "does not begin with a name"),
        ("zzz", 'unknown target "zzz" (valid: musa, maca, supa, tops, cann, corex, dtk, cambricon, xpu, tsm, all)'),
    ],
)
def test_wrong_part_is_named_with_the_nearest_valid_one(text, expected):
    assert expected in message(text)


def test_lists_keep_their_order_and_name_each_target_once():
    assert [one.key for one in parse_targets("cann:950, musa,cann:950,mlu,cambricon", RULES)] == [
        "cann:950",
        "musa",
        "cambricon",
    ]
    assert [one.key for one in parse_targets(["maca", "maca:cu-bridge,maca"], RULES)] == ["maca", "maca:cu-bridge"]


def test_all_is_every_default_route():
    assert tuple(one.key for one in parse_targets("all", RULES)) == ORDER
    assert tuple(one.key for one in parse_targets("cann:950,ALL,musa", RULES)) == ("cann:950", *ORDER)


@pytest.mark.parametrize("text", ["", ",", []])
def test_no_target_is_an_error(text):
    with pytest.raises(TargetError, match="no target given"):
        parse_targets(text, RULES)


def test_compile_as_is_routes_stand_beside_the_default():
    beside = {name: [one.key for one in asides(target(name), RULES)] for name in ORDER}
    assert {name: keys for name, keys in beside.items() if keys} == {
        "maca": ["maca:cu-bridge"],
        "supa": ["supa:suda"],
        "dtk": ["dtk:cuda"],
        "xpu": ["xpu:cuda"],
    }
    assert [one.key for one in asides(target("maca@3.3"), RULES)] == ["maca:cu-bridge@3.3"]
    assert asides(target("maca:cu-bridge"), RULES) == ()
    assert asides(target("supa@1"), RULES) == ()


@pytest.mark.parametrize("name", ORDER)
def test_manifest_is_complete(name):
    one = load_manifest(RULES, name)
    assert one.name == name
    assert one.vendor.en
    assert one.vendor.zh
    assert one.material.en.isascii() or "—" in one.material.en
    assert any(ord(sign) > 0x4E00 for sign in one.material.zh)
    assert one.headers["runtime"]
    assert one.macros.guards
    assert not one.newest_sdk or one.newest_sdk in one.known_sdks
    if one.chips:
        assert one.defaults.get("chip", next(iter(one.chips))) in one.chips
    for chip in one.chips.values():
        assert chip.model in {"simt", "simd"}
        assert chip.model == "simt" or not chip.warp
        assert chip.source


@pytest.mark.parametrize("name", ORDER)
def test_manifest_and_table_of_targets_agree(name):
    one = load_manifest(RULES, name)
    rows = [row for row in entries(RULES) if row.name == name]
    default, variants = rows[0], rows[1:]
    assert not default.variant
    assert (default.kind, default.facts, default.aliases) == (one.kind, one.defaults, one.aliases)
    assert [row.variant for row in variants if not row.aliases] == list(one.variants)
    for row in variants:
        variant = one.variants[row.variant]
        assert (row.kind, row.facts, row.role == "aside") == (variant.kind, variant.facts, variant.aside)
        assert variant.title.en
        assert variant.title.zh
        assert variant.facts.get("chip") in {None, *one.chips}
        assert variant.facts.keys() >= one.defaults.keys(), "a variant states every fact, so that it stands alone"
        assert target(f"{name}:{row.variant}").facts == row.facts
    if variants:
        assert default.title in {row.title for row in variants if row.facts == default.facts}


def test_table_of_targets_uses_its_words():
    rows = entries(RULES)
    assert {row.role for row in rows} <= set(ROLES)
    assert {row.kind for row in rows} <= set(TARGET_KINDS)
    keys = [(row.name, row.variant) for row in rows]
    assert len(set(keys)) == len(keys)
    spoken = [word for row in rows if not row.variant for word in (row.name, *row.aliases)]
    assert len(set(spoken)) == len(spoken)
    assert "all" not in spoken


def test_routes_that_keep_cuda_source_say_so():
    kept = {row.variant or row.name for row in entries(RULES) if row.kind not in WRITTEN}
    assert kept == {"cu-bridge", "suda", "cuda", "corex"}


@pytest.mark.parametrize(
    ("name", "variant", "reads"),
    [
        ("musa", "", (0, 0)),
        ("corex", "", (300, 300)),
        ("supa", "suda", (900, 900)),
        ("maca", "cu-bridge", (800, 899)),
        ("maca", "", None),
        ("dtk", "", (0, 0)),
        ("dtk", "cuda", None),
    ],
)
def test_what_the_architecture_macro_reads(name, variant, reads):
    assert at_variant(load_manifest(RULES, name), variant).arch.cuda_arch == reads


def test_chips_hold_what_hazards_ask_for():
    musa = load_manifest(RULES, "musa").chips
    assert {name: (chip.warp, chip.arch_value) for name, chip in musa.items()} == {
        "mp_21": (128, 210),
        "mp_22": (128, 220),
        "mp_31": (32, 310),
    }
    cann = load_manifest(RULES, "cann").chips["950"]
    assert (cann.warp, cann.max_threads_per_block, cann.max_blocks_per_grid, cann.fp64) == (32, 2048, 65535, "none")


def test_variant_overlays_its_tables_and_takes_entries_away():
    supa = load_manifest(RULES, "supa")
    first = at_variant(supa, "sdk1")
    assert (first.headers["runtime"], supa.headers["runtime"]) == ("supa.h", "supa_runtime.h")
    assert first.link["cudart"] == "supa-runtime"
    assert "cuda" not in first.link
    assert "sudrv" in first.api_prefixes
    assert first.compiler == supa.compiler
    assert at_variant(supa, "") is supa
    with pytest.raises(TargetError, match='no variant "sdk9"'):
        at_variant(supa, "sdk9")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('title = "Tsingmicro TSM"\n', "", "title is missing"),
        ('kind = "foreign"', 'kind = "strange"', 'kind "strange" is not one of cuda-like'),
        ('zh = "清微智能"\n', "", "vendor needs a text in both languages"),
        ("[defaults]", "[defaults]\nsdk = 2", "defaults.sdk must be a string"),
        ("[defaults]", "[defaults", "Expected"),
        ("[defaults]", '[chips.x]\ntitle = "x"\nsource = "y"\nwarp = "32"\n[defaults]', "chips.x: warp must be a int"),
        ("[defaults]", "[chips]\nx = 1\n[defaults]", "x must be a table"),
        ("[defaults]", "[arch]\ncuda_arch = [1]\n[defaults]", "arch.cuda_arch must be two numbers"),
    ],
)
def test_bad_manifest_is_named_by_file_and_key(tmp_path, old, new, expected):
    text = (RULES / "tsm" / "target.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "tsm").mkdir()
    (tmp_path / "tsm" / "target.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TargetError) as caught:
        load_manifest(tmp_path, "tsm")
    assert expected in str(caught.value)
    assert str(tmp_path / "tsm" / "target.toml") in str(caught.value)


def test_missing_files_are_errors_for_people(tmp_path):
    with pytest.raises(TargetError, match="cannot read the list of targets"):
        names(tmp_path)
    with pytest.raises(TargetError, match="cannot read the manifest"):
        load_manifest(tmp_path, "musa")
    (tmp_path / "targets.tsv").write_text("name\tvariant\n", encoding="utf-8")
    with pytest.raises(TargetError, match="header line must be"):
        names(tmp_path)


def test_resolving_a_target_imports_no_toml():
    code = (
        "import sys; from pathlib import Path; from migrate.targets import parse_targets;"
        "parse_targets('musa,cann:950', Path('rules'));"
        "print(*{'tomllib', 'tomli', 'difflib', 'json'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reference_page_is_the_generated_one(lang):
    page = ROOT / "docs" / "reference" / ("targets.md" if lang == "en" else f"targets.{lang}.md")
    assert page.read_text(encoding="utf-8") == targets_page(RULES, lang), "write the page anew with targets_page()"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reference_page_is_sound_markdown(lang):
    lines = targets_page(RULES, lang).splitlines()
    for name in ORDER:
        assert f"## {name}" in lines
    headings = [line for line in lines if line.startswith("#")]
    assert len(set(headings)) == len(headings)
    tables = [line for line in lines if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in tables}
    assert widths <= set(range(3, 12))
