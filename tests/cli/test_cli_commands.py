"""The commands from end to end, in this process."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import migrate

ROOT = Path(migrate.__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs/reference/scan.schema.json").read_text(encoding="utf-8"))


def test_version(run):
    assert run("--version") == (0, f"migrate {migrate.__version__}\n", "")


def test_scan_text(run, source):
    code, out, err = run("scan", "add.cu", "--target", "musa")
    assert (code, err) == (0, "")
    assert re.search(r"^MIG901 cudaFooBar", out, re.MULTILINE)
    assert "add.cu:7:5   cudaFooBar(v);" in out
    assert out.splitlines()[-1].endswith("migrate rewrite add.cu --target musa")


def test_scan_defaults_to_the_current_folder(run, source):
    assert "add.cu:7:5" in run("scan", "-t", "musa")[1]


def test_scan_json_is_valid_and_repeats_itself(run, source):
    code, out, err = run("scan", ".", "-t", "musa,cann:950,maca:cu-bridge", "--format", "json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(data)] == []
    assert [target["key"] for target in data["targets"]] == ["musa", "cann:950", "maca:cu-bridge"]
    assert run("scan", ".", "-t", "musa,cann:950,maca:cu-bridge", "--format", "json")[1] == out
    for key, numbers in data["totals"].items():
        assert numbers["uses"] == sum(key in finding["answers"] for finding in data["findings"])


def test_scan_formats_agree(run, source):
    data = json.loads(run("scan", ".", "-t", "musa", "--format", "json")[1])
    records = [json.loads(line) for line in run("scan", ".", "-t", "musa", "--format", "jsonl")[1].splitlines()]
    rows = list(csv.DictReader(io.StringIO(run("scan", ".", "-t", "musa", "--format", "csv")[1])))
    places = [(finding["path"], finding["line"], finding["column"]) for finding in data["findings"]]
    assert [(row["path"], int(row["line"]), int(row["column"])) for row in rows] == places
    assert sum(record["record"] == "finding" for record in records) == len(places)
    page = run("scan", ".", "-t", "musa", "--format", "markdown")[1]
    assert "`cudaFooBar`: CUDA name in no table" in page


def test_output_file_is_utf8_with_lf(run, source, tmp_path):
    assert run("scan", ".", "-t", "musa", "--lang", "zh", "-o", "报告.txt") == (0, "", "")
    data = (tmp_path / "报告.txt").read_bytes()
    assert "未知" in data.decode("utf-8")
    assert b"\r" not in data


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
def test_output_keeps_mode_and_link(run, source, tmp_path):
    real = tmp_path / "real.json"
    real.write_text("old")
    real.chmod(0o600)
    (tmp_path / "link.json").symlink_to("real.json")
    assert run("scan", ".", "-t", "musa", "--format", "json", "-o", "link.json")[0] == 0
    assert (tmp_path / "link.json").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert json.loads(real.read_text(encoding="utf-8"))["schema_version"] == 1


def test_standard_input(run, source):
    given = source.read_text(encoding="utf-8")
    code, out, _ = run("scan", "-", "-t", "musa", "--stdin-filename", "edit/add.cu", given=given)
    assert code == 0
    assert "edit/add.cu:7:5   cudaFooBar(v);" in out
    assert "migrate compare" not in out


def test_select_ignore_and_class(run, source):
    def ids(*args):
        data = json.loads(run("scan", ".", "-t", "musa", "--format", "json", *args)[1])
        return {finding["answers"]["musa"]["id"] for finding in data["findings"]}

    everything = ids()
    assert ids("--select", "MIG9") == {"MIG901"}
    assert ids("--ignore", "MIG9,MIG1") == {name for name in everything if name[:4] not in ("MIG9", "MIG1")}
    assert ids("--class", "unknown") == {"MIG901"}


def test_statistics_counts_every_use(run, source):
    lines = run("scan", ".", "-t", "musa", "--statistics")[1].splitlines()
    total = json.loads(run("scan", ".", "-t", "musa", "--format", "json")[1])["totals"]["musa"]["uses"]
    assert sum(int(line.split()[0].replace(",", "")) for line in lines) == total


def test_target_and_language_from_configuration(run, source, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.migrate]\ntarget = "musa"\nlang = "zh"\n')
    assert "未知" in run("scan", ".")[1]
    assert "unknown" in run("scan", ".", "--lang", "en")[1]
    assert run("scan", ".", "--isolated")[0] == 2


def test_own_rules_go_first(run, source, tmp_path):
    (tmp_path / "own").mkdir()
    columns = "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote"
    (tmp_path / "own" / "musa.tsv").write_text(f"{columns}\ncudaFooBar\tmusaFooBar\tfunction\trename\t\tused:us\t\n")
    data = json.loads(run("scan", ".", "-t", "musa", "--rules", "own", "--format", "json")[1])
    finding = next(finding for finding in data["findings"] if finding["name"] == "cudaFooBar")
    assert finding["answers"]["musa"]["replacement"] == "musaFooBar"


def test_compare_shows_every_stack_and_second_routes(run, source):
    code, out, err = run("compare", ".")
    assert (code, err) == (0, "")
    names = [line.split()[:2] for line in out.splitlines()]
    assert [name[0] for name in names if name][:3] != []
    assert ["+", "maca"] in names
    data = json.loads(run("compare", ".", "--format", "json")[1])
    assert {row["target"] for row in data["targets"] if row["aside"]} >= {"maca:cu-bridge", "supa:suda", "dtk:cuda"}
    assert all(sum(row["classes"].values()) == row["uses"] for row in data["targets"])


def test_compare_says_from_fewest_to_most_uses_where_hazards_differ(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.cu").write_text("#define WARP_SIZE 32\n__global__ void f() { __syncthreads(); }\n", encoding="utf-8")
    uses = [row["uses"] for row in json.loads(run("compare", ".", "--format", "json")[1])["targets"]]
    assert min(uses) < max(uses)
    first = run("compare", ".")[1].splitlines()[0]
    assert first == f"{min(uses)} to {max(uses)} uses of CUDA in 1 file: hazards differ from stack to stack"


def test_compare_puts_a_second_route_below_its_stack(run, source):
    data = json.loads(run("compare", ".", "--format", "json")[1])
    keys = [row["target"] for row in data["targets"]]
    assert keys.index("maca:cu-bridge") == keys.index("maca") + 1


def test_compare_of_what_is_asked_for(run, source):
    lines = run("compare", ".", "-t", "musa,cann:950", "--format", "csv")[1].splitlines()
    assert [line.split(",")[0] for line in lines] == ["target", "musa", "cann:950"]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("cudaMalloc", "cudaMalloc (runtime, function"),
        ("cuda_runtime.h", "<cuda_runtime.h> (runtime, header"),
        ("<cuda_runtime.h>", "<cuda_runtime.h> (runtime, header"),
        ("cudaDeviceProp.major", "cudaDeviceProp.major (runtime, member"),
        ("<<<>>>", "<<<>>> ("),
    ],
)
def test_explain_a_name(run, name, head):
    code, out, err = run("explain", name)
    assert (code, err) == (0, "")
    assert out.startswith(head)
    assert re.search(r"^  musa +\w+", out, re.MULTILINE)


def test_explain_for_one_target_in_json(run):
    data = json.loads(run("explain", "cudaMalloc", "-t", "musa", "--format", "json")[1])
    assert list(data["targets"]) == ["musa"]
    (row,) = data["targets"]["musa"]
    assert (row["status"], row["replacement"]) == ("rename", "musaMalloc")
    assert row["evidence"]


def test_explain_agrees_with_scan(run, source):
    data = json.loads(run("scan", ".", "-t", "musa", "--format", "json")[1])
    for finding in data["findings"]:
        answer = finding["answers"]["musa"]
        if finding["kind"] != "call" or not answer["rule"]:
            continue
        rows = json.loads(run("explain", finding["name"], "-t", "musa", "--format", "json")[1])["targets"]["musa"]
        assert data["rules"]["musa"][answer["rule"]]["level"] == rows[0]["level"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_explain_every_finding_id(run, language):
    from migrate import findings

    for kind in findings.load().values():
        code, out, _ = run("explain", kind.id.lower(), "--lang", language)
        assert code == 0
        assert out.startswith(f"# {kind.id} {kind.title(language)}")


def test_targets(run):
    out = run("targets")[1]
    assert re.search(r"^musa +\S", out, re.MULTILINE)
    assert "cu-bridge+" in out
    data = json.loads(run("targets", "--format", "json")[1])
    assert data["targets"][0]["name"] == "musa"
    assert set(data["targets"][0]["material"]) == {"en", "zh"}
    assert "maca:cu-bridge" in run("targets", "-v", "--lang", "zh")[1]


def test_rules_list_filters(run):
    rows = json.loads(run("rules", "list", "musa", "--status", "none", "--library", "device", "--format", "json")[1])
    assert {row["status"] for row in rows["rules"]} <= {"none"}
    code, out, err = run("rules", "list", "musa", "--level", "declared")
    assert code == 0
    assert f"{len(out.splitlines()) - 1:,} rows" in err


def test_rules_show_prints_rows_as_written(run):
    out = run("rules", "show", "cudaMalloc", "-t", "musa")[1]
    head, row = out.splitlines()
    assert head.split("\t")[:3] == ["file", "cuda", "target"]
    file, cells = row.split("\t", 1)
    assert cells in (ROOT / "rules" / file).read_text(encoding="utf-8").split("\n")


def test_rules_coverage(run):
    data = json.loads(run("rules", "coverage", "-t", "musa,maca", "--format", "json")[1])
    for row in data["targets"].values():
        assert 0 < row["default"]["firm"] <= row["default"]["answered"] <= row["any"]["answered"] <= data["uses"]
    text = run("rules", "coverage", "-t", "musa")[1]
    assert "any variant" in text
    assert f"{data['names']:,} names of CUDA's headers, NPP apart, with their {data['uses']:,} uses" in text


def test_rules_lint_says_where(run, tmp_path):
    folder = tmp_path / "rules" / "musa"
    folder.mkdir(parents=True)
    columns = "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote"
    (folder / "runtime.tsv").write_text(f"{columns}\ncudaFooBar\tmusaFooBar\tfunction\trenamed\t\tused:us\t\n")
    code, out, err = run("rules", "lint", "rules")
    assert code == 1
    assert re.search(r"^rules/musa/runtime\.tsv:2: .*renamed", out, re.MULTILINE)
    assert err.endswith(("problems\n", "problem\n"))


def test_colour_only_where_asked(run, source, monkeypatch):
    assert "\x1b" not in run("scan", ".", "-t", "musa")[1]
    assert "\x1b" in run("scan", ".", "-t", "musa", "--color", "always")[1]


def test_help_imports_no_command(run, monkeypatch):
    code = "import sys, migrate.cli; migrate.cli.cli.main(['--help'], 'migrate')"
    script = f"import atexit, sys\natexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n{code}"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(result.stderr.split())
    assert not loaded & {"migrate.cli.scan", "migrate.pipeline", "tree_sitter", "jinja2", "json", "tomllib"}
    assert "scan" in result.stdout


def test_version_loads_click_and_hardly_more():
    """The hook pays for every start: counted in modules, since time depends on the machine."""

    def modules(code):
        script = f"import atexit, sys\natexit.register(lambda: print(len(sys.modules), file=sys.stderr))\n{code}"
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        return int(result.stderr)

    click = modules("import click")
    assert modules("import sys, migrate.cli; migrate.cli.cli.main(['--version'], 'migrate')") <= click + 25
