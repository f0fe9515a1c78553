"""From paths to a Scan: what is said about every file, whatever it holds and however it was found."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.analysis import COMPATIBILITY_MAP, analyse_bytes
from migrate.errors import UserError
from migrate.model import CLASSES, FILE_STATES, answer_key
from migrate.parse.macros import Learned
from migrate.pipeline import scan_paths
from migrate.report.scan_json import write_json
from migrate.tables.rules import rules_dir
from migrate.targets import parse_targets
from migrate.workers import inventory

ROOT = Path(__file__).resolve().parents[1]
CUDA = "#include <cuda_runtime.h>\nvoid f() { cudaFree(0); }\n"


@pytest.fixture(scope="module")
def targets():
    return parse_targets("musa,cann", rules_dir())


@pytest.fixture
def work(tmp_path, monkeypatch):
    """An empty working folder outside every repository."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def scan(work, targets):
    """A function (*paths, **options) that scans and checks what holds for every Scan."""

    def run(*paths, **options):
        result = scan_paths(paths or ["."], targets, **options)
        assert [file.path for file in result.files] == sorted({file.path for file in result.files})
        for file in result.files:
            assert file.state in FILE_STATES
            assert (file.state == "analysed") == bool(file.uses)
            assert file.reason or file.state in ("analysed", "no-cuda")
            for target in targets:
                for use in file.uses:
                    answer = result.answers[target.key].get(answer_key(use.shape))
                    if answer is None:
                        assert use.shape.kind == "hazard"  # of no concern for this target
                        continue
                    assert answer.category in (*CLASSES, "")
                    assert not answer.rule or answer.rule in result.rules[target.key]
        return result

    return run


def make(path, text=CUDA):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def states(result):
    return {file.path: file.state for file in result.files}


def names(result):
    return [(file.path, use.shape.name) for file in result.files for use in file.uses]


def json_of(result):
    out = io.StringIO()
    write_json(result, out)
    return out.getvalue()


# ---- order and repetition


def test_order_and_repetition_change_nothing(scan, work):
    for name, text in (
        ("a.cu", CUDA),
        ("b/c.cu", CUDA + "int x;"),
        ("b/d.h", "inline void g() { cudaFoo(1); }"),
        ("z.cu", "cudaFooBar_t x;"),
    ):
        make(work / name, text)
    once = scan(".")
    assert json_of(scan(".")) == json_of(once)
    assert scan("z.cu", "b/d.h", "b", "a.cu", "a.cu", ".").files == once.files
    assert json_of(scan("a.cu", "b", "z.cu")) == json_of(scan("z.cu", "b/d.h", "b/c.cu", "./a.cu"))


def test_copies_are_named_and_counted_once(scan, work):
    for name in ("b.cu", "a.cu", "c/d.cu"):
        make(work / name)
    result = scan("c", "b.cu", "a.cu")
    assert states(result) == {"a.cu": "analysed", "b.cu": "copy", "c/d.cu": "copy"}
    copy = result.files[1]
    assert (copy.copy_of, copy.reason, copy.uses, copy.digest) == (
        "a.cu",
        "same bytes as a.cu",
        (),
        result.files[0].digest,
    )


# ---- files that are not analysed


def test_states_and_reasons(scan, work):
    make(work / "utf16.cu", CUDA.encode("utf-16"))
    make(work / "binary.cu", b"\0\1\2" * 1000)
    make(work / "empty.cu", b"")
    make(work / "blank.h", b"\n\n")
    make(work / "plain.cpp", "int main() { return 0; }\n")
    make(work / "large.cu", CUDA + "//" + "x" * 5000)
    make(work / "setup.py", "from torch.utils.cpp_extension import CUDAExtension\n")
    make(work / "CMakeLists.txt", "enable_language(CUDA)\n")
    make(work / "picture.png", "cudaFree")
    result = scan(".", max_file_size=3000)
    assert states(result) == {
        "utf16.cu": "skipped",
        "binary.cu": "skipped",
        "empty.cu": "no-cuda",
        "blank.h": "no-cuda",
        "plain.cpp": "no-cuda",
        "large.cu": "skipped",
        "setup.py": "not-analysed",
        "CMakeLists.txt": "not-analysed",
    }
    reasons = {file.path: file.reason for file in result.files}
    assert reasons["utf16.cu"].startswith("UTF-16; convert to UTF-8 first")
    assert reasons["binary.cu"].startswith("binary: 1,000 NUL bytes")
    assert reasons["large.cu"].endswith("raise the limit with --max-file-size")
    assert "CUDAExtension" in reasons["setup.py"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(scan, work):
    make(work / "a.cu")
    (work / "a.cu").chmod(0)
    (file,) = scan(".").files
    assert (file.state, file.reason) == (
        "unreadable",
        "no permission to read it; grant it, or leave the file out with --exclude",
    )


def test_file_that_goes_away(scan, work, monkeypatch):
    make(work / "a.cu")
    make(work / "b.cu", CUDA + "int b;")
    import migrate.workers

    real = migrate.workers.read

    def read(path, limit):
        if str(path).endswith("a.cu"):
            raise FileNotFoundError(2, "No such file or directory")
        return real(path, limit)

    monkeypatch.setattr(migrate.workers, "read", read)
    result = scan(".")
    assert states(result) == {"a.cu": "unreadable", "b.cu": "analysed"}


def test_missing_path(scan):
    with pytest.raises(UserError, match=r"nowhere\.cu"):
        scan("nowhere.cu")


def test_links_in_a_circle_and_to_nothing(scan, work):
    make(work / "a" / "x.cu")
    (work / "a" / "loop").symlink_to(work)
    (work / "dead.cu").symlink_to(work / "nothing.cu")
    result = scan(".")
    assert states(result)["a/x.cu"] == "analysed"
    assert len([path for path in states(result) if path.endswith("x.cu")]) == 1


def test_exclusion(scan, work):
    for name in ("keep/a.cu", "drop/b.cu", "keep/gen_c.cu"):
        make(work / name, CUDA + f"// {name}")
    result = scan(".", exclude=["drop"], extend_exclude=["gen_*"])
    assert states(result) == {"drop/": "skipped", "keep/a.cu": "analysed", "keep/gen_c.cu": "skipped"}
    assert result.files[0].reason == "excluded by the pattern 'drop'"
    assert states(scan("drop/b.cu", exclude=["drop"])) == {"drop/b.cu": "analysed"}
    assert states(scan("drop/b.cu", exclude=["drop"], force_exclude=True)) == {"drop/b.cu": "skipped"}


def test_include_takes_files_of_any_suffix(scan, work):
    make(work / "kernel.src")
    assert states(scan(".")) == {}
    assert states(scan(".", include=["*.src"])) == {"kernel.src": "analysed"}


def test_stdin(scan):
    result = scan("-", stdin=CUDA.encode(), stdin_filename="x/y.cu")
    assert states(result) == {"x/y.cu": "analysed"}
    assert names(result) == [("x/y.cu", "cuda_runtime.h"), ("x/y.cu", "cudaFree")]
    assert states(scan("-", stdin=b"", stdin_filename="x.cu")) == {"x.cu": "no-cuda"}
    assert scan("-", stdin=b"\xff" * 100, stdin_filename="x.cpp").files[0].state == "no-cuda"
    assert scan("-", stdin=CUDA.encode() * 100, stdin_filename="x.cu", max_file_size=99).files[0].state == "skipped"


# ---- names that belong to the project


def test_own_headers_are_known(scan, work):
    make(work / "src" / "a.cu", "#include <cuda_helpers.h>\n#include <cuda_nowhere.h>\ncudaStream_t s;\n")
    make(work / "include" / "cuda_helpers.h", "int x;\n")
    assert names(scan(".")) == [("src/a.cu", "cuda_nowhere.h"), ("src/a.cu", "cudaStream_t")]
    assert names(scan("src")) == [
        ("src/a.cu", "cuda_helpers.h"),
        ("src/a.cu", "cuda_nowhere.h"),
        ("src/a.cu", "cudaStream_t"),
    ]


def test_names_that_another_file_declares(scan, work):
    make(work / "a.cu", "void f() { cudaMine(1); cudaFree(0); cudaHelper h; cudaOther(1); AT_CUDA_CHECK(x); }\n")
    make(work / "b.h", "void cudaMine(int x);\nclass cudaHelper {};\n#define AT_CUDA_CHECK(x) x\nvoid cudaFree();\n")
    assert [name for path, name in names(scan(".")) if path == "a.cu"] == ["cudaFree", "cudaOther"]


def test_a_file_of_own_names_only_has_no_cuda(scan, work):
    make(work / "a.cu", "void g() { cudaMine(1); }\n")
    make(work / "b.cu", "void cudaMine(int x) { }\n")
    assert states(scan(".")) == {"a.cu": "no-cuda", "b.cu": "no-cuda"}


def test_macros_of_another_file_make_device_code(scan, work):
    make(work / "a.cu", "DEV float f(float x) { return expf(x); }\n__global__ void k() {}\n")
    make(work / "b.h", "#define DEV __device__ inline\n")
    assert ("a.cu", "expf") in names(scan("."))
    assert ("a.cu", "expf") not in names(scan("a.cu"))


@pytest.mark.parametrize(("count", "said"), [(COMPATIBILITY_MAP, True), (COMPATIBILITY_MAP - 1, False)])
def test_compatibility_map(scan, work, count, said):
    some = [name for name in inventory().matching("cudaStream") if name.isidentifier()][:count]
    make(work / "map.h", "".join(f"#define {name} hip{name[4:]}\n" for name in some) + "cudaStream_t s;\n")
    (file,) = scan(".").files
    assert file.reason == (f"compatibility map: defines {count} of CUDA's names as macros" if said else "")


def test_near_names(scan, work):
    make(work / "a.cu", "void f() { cudaMaloc(&p, 1); cudaQwertz(1); k<<<1, 2>>>(); }\n")
    result = scan(".")
    assert result.near["cudaMaloc"][0] == "cudaMalloc"
    assert "k" not in result.near
    assert result.near.get("cudaQwertz", ()) == ()


def test_what_cuda_says_about_a_name(scan, work):
    make(work / "a.cu", "void f() { cudaThreadSynchronize(); cudaFree(0); }\n")
    result = scan(".")
    assert result.cuda["cudaThreadSynchronize"].deprecated
    assert "cudaFree" not in result.cuda


def test_one_answer_for_each_key_and_target(scan, work, targets):
    make(work / "a.cu", CUDA)
    result = scan(".")
    keys = {answer_key(use.shape) for use in result.files[0].uses}
    assert [target.key for target in result.targets] == ["musa", "cann"]
    assert {target: set(answers) for target, answers in result.answers.items()} == {"musa": keys, "cann": keys}


# ---- hostile files

HOSTILE = {
    "one line of 200,000 characters": "void f() {" + " cudaFree(0);" * 16_000 + "}",
    "a word of 200,000 letters": "cuda" + "x" * 200_000 + " y; cudaStream_t s;",
    "a few NUL bytes": b"int a;\0\0 cudaStream_t s;",
    "5,000 nested parentheses": "int x = " + "(" * 5000 + "sizeof(cudaStream_t)" + ")" * 5000 + ";",
    "5,000 nested braces": "void f() " + "{" * 5000 + " cudaFree(0); " + "}" * 5000,
    "5,000 nested conditions": "#if A\n" * 5000 + "cudaStream_t s;\n" + "#endif\n" * 5000,
    "5,000 nested lambdas": "void f() {" + "[] __device__ () {" * 5000 + "cudaFree(0);" + "}" * 5000 + "}",
    "5,000 nested templates": "A<" * 5000 + "cudaStream_t" + ">" * 5000 + " x;",
    "5,000 else-ifs": "void f() { if (a) g();" + " else if (b) cudaFree(0);" * 5000 + "}",
    "a sum of 5,000 terms": "int x = 1" + " + cudaSuccess" * 5000 + ";",
    "invalid UTF-8": b'// \xff\xfe\x80\ncudaStream_t s; const char* c = "\xc3(";',
    "only line ends": b"\n" * 50_000 + b"cudaStream_t s;",
    "lone carriage returns": b"int a;\r" * 5000 + b"cudaStream_t s;",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_analysed(scan, work, text):
    make(work / "a.cu", text)
    (file,) = scan(".").files
    assert file.state == "analysed"
    assert {use.shape.name for use in file.uses} & {"cudaFree", "cudaStream_t", "cudaSuccess"}
    assert all(0 <= use.start < use.start + use.length <= file.size for use in file.uses)


def test_positions_count_characters():
    data = "\ufeff/* 中文 */ cudaFree(0);\r\n\t/* é */cudaFree(1);\n".encode()
    result = analyse_bytes("a.cu", "cuda", data, inventory(), Learned.default())
    assert [(use.line, use.column, data[use.start : use.start + use.length]) for use in result.uses] == [
        (1, 10, b"cudaFree"),
        (2, 9, b"cudaFree"),
    ]
    assert (result.lines, result.size, result.encoding) == (2, len(data), "utf-8")


# ---- through the command line


def command(*arguments, cwd, given=None, seed="0"):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATE_")}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": seed,
        "GIT_CEILING_DIRECTORIES": str(cwd.parent),
    }
    done = subprocess.run(
        [sys.executable, "-m", "migrate", *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_broken_rule_file_is_named_with_its_line(work):
    make(work / "a.cu")
    make(
        work / "own" / "musa.tsv",
        "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\ncudaFree\tx\tfunction\trename\tsdk>4\tused:me\t\n",
    )
    code, out, message = command("scan", "a.cu", "-t", "musa", "--rules", "own", cwd=work)
    assert (code, out) == (2, "")
    assert "own/musa.tsv:2: " in message
    assert "sdk>4" in message


def test_an_own_rule_answers_first(work):
    make(work / "a.cu")
    make(
        work / "own" / "musa.tsv",
        "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\ncudaFree\tmyOwnFree\tfunction\trename\t\tused:me\t\n",
    )
    code, out, _ = command("scan", "a.cu", "-t", "musa", "--rules", "own", "--format", "json", cwd=work)
    assert code == 0
    assert '"myOwnFree"' in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scan", "nowhere.cu", "-t", "musa"), ("nowhere.cu",)),
        (("scan", ".", "-t", "mussa"), ("mussa", '"musa"')),
        (("scan", ".", "-t", "musa:nothing"), ("nothing",)),
        (("scan", ".", "-t", "musa", "--format", "docx"), ("docx", "json")),
    ],
)
def test_mistakes_are_said_and_2(work, arguments, words):
    code, out, message = command(*arguments, cwd=work)
    assert (code, out) == (2, "")
    assert all(word in message for word in words)


def test_the_order_of_sets_changes_nothing(work):
    """A variable declared with two structs' types in two branches: whose field it is must not depend on a hash."""
    structs = [b"CUlaunchAttribute", b"cudaLaunchAttribute", b"cudaKernelNodeAttribute", b"CUlaunchAttribute_st"]
    body = b"".join(b"#if A == %d\n  %s a[4];\n#endif\n" % pair for pair in enumerate(structs))
    make(work / "a.cu", "#include <cuda.h>\nvoid f() {\n" + body.decode() + "  a[0].id = 1; a[1].value = v;\n}\n")
    given = {
        command("scan", "a.cu", "-t", "all", "--format", "json", "--no-cache", cwd=work, seed=seed)[1]
        for seed in ("1", "2", "3", "4")
    }
    assert len(given) == 1
    assert '"id"' in given.pop()


def test_hostile_input_on_stdin(work):
    code, out, _ = command(
        "scan",
        "-",
        "-t",
        "musa",
        "--stdin-filename",
        "x.cu",
        "--format",
        "json",
        cwd=work,
        given="\0(((<<<cudaFree(" * 50,
    )
    assert code == 0
    assert out.startswith("{")


def test_what_kernels_compute_is_asked_for_targets_without_threads_only(tmp_path, monkeypatch):
    """A scan for targets with CUDA's threads says the same whether kernels were described or not."""
    from migrate.hazards import kernel

    shutil.copytree(ROOT / "samples", tmp_path / "s")
    cache = tmp_path / "cache"
    with_threads = parse_targets("musa,dtk", rules_dir())
    described = []
    real = kernel.describe
    monkeypatch.setattr(kernel, "describe", lambda *given: described.append(given) or real(*given))
    alone = scan_paths([str(tmp_path / "s")], with_threads, cache_dir=cache)
    assert not described
    both = scan_paths([str(tmp_path / "s")], parse_targets("musa,cann", rules_dir()), cache_dir=cache)
    assert len(described) > 10
    assert any(answer.id.startswith("MIG61") for answer in both.answers["cann"].values())
    for folder in (cache, tmp_path / "fresh"):
        assert scan_paths([str(tmp_path / "s")], with_threads, cache_dir=folder) == alone
