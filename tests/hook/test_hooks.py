"""What users do with the hooks: real commits in real repositories."""

import sys
import time

import pytest
from hook_users import BAD, CLEAN, FINDING, REASON, ROOT, configure, tool

REWRITABLE = (
    "#include <cuda_runtime.h>\n\nint f() {\n    return cudaDeviceSynchronize();\n}\n\n\n\n\n\nint unrelated;\n"
)


def test_the_manifest_is_valid(user, pre_commit):
    user.run(*pre_commit, "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"), check=True)


def test_try_repo(user, hooks, pre_commit):
    """Whoever tries the hook needs no configuration of pre-commit."""
    user.write("src/bad.cu", BAD)
    user.git("add", "-A")
    code, output = user.run(*pre_commit, "try-repo", str(hooks), "migrate-check", "--all-files")
    assert code == 1
    assert f"src/bad.cu:1:12: {FINDING}" in output
    assert "clean.cu" not in output


@pytest.fixture(params=["pre-commit", "prek"])
def installed(request, user, hooks):
    """A user with the check installed for commits, by pre-commit and by prek."""
    command = tool(request.param) or pytest.skip(REASON)
    configure(user, hooks, "migrate-check", tool_command=command)
    user.command = command
    return user


def test_clean_and_finding(installed):
    installed.write("src/more.cu", CLEAN)
    installed.git("add", "-A")
    assert installed.commit()[0] == 0
    assert installed.git("log", "-1", "--format=%s")[1] == "x\n"
    installed.write("src/bad.cu", BAD)
    installed.git("add", "-A")
    code, output = installed.commit("bad")
    assert code == 1
    assert f"src/bad.cu:1:12: {FINDING}" in output
    assert "exit code: 1" in output
    assert installed.git("log", "-1", "--format=%s")[1] == "x\n"


def test_check_leaves_no_trace_in_the_work_tree(installed):
    """Pitfalls 3 and 4: no cache in the project, nothing tracked is written."""
    installed.write("src/bad.cu", BAD)
    installed.git("add", "-A")
    assert installed.commit()[0] == 1
    assert installed.git("status", "--porcelain", "--ignored")[1] == "A  src/bad.cu\n"


def test_names_with_spaces_and_chinese_characters(installed):
    for name in ("src/with space/核 函数.cu", "src/-dash.cu"):
        installed.write(name, BAD)
    installed.git("add", "-A")
    code, output = installed.commit()
    assert code == 1
    assert f"src/with space/核 函数.cu:1:12: {FINDING}" in output
    assert f"src/-dash.cu:1:12: {FINDING}" in output


def test_only_c_cpp_and_cuda_files_are_passed(installed):
    for name in ("a.py", "a.md", "a.txt", "CMakeLists.txt"):
        installed.write(name, BAD)
    installed.git("add", "-A")
    assert installed.commit()[0] == 0
    for name in ("a.cu", "a.cuh", "a.h", "a.c", "a.cc", "a.cpp", "a.hpp", "a.inl"):
        installed.write(name, "#include <cuda_runtime.h>\n" + BAD)
        installed.git("add", name)
        code, output = installed.commit()
        assert (name, code) == (name, 1)
        assert f"{name}:2:12: " in output
        installed.git("rm", "-q", "--cached", name)


def test_gb18030(installed):
    installed.write("src/chinese.cu", f"// 中文注释写在这里\n/* 核函数 */ {BAD}".encode("gb18030"))
    installed.git("add", "-A")
    code, output = installed.commit()
    assert code == 1
    assert f"src/chinese.cu:2:22: {FINDING}" in output


def test_partially_staged_the_commit_is_what_is_checked(installed):
    """HOOKS §4: the hook sees the staged text, whatever the work tree holds besides."""
    installed.write("src/clean.cu", CLEAN + "// staged\n")
    installed.git("add", "-A")
    installed.write("src/clean.cu", CLEAN + "// staged\n" + BAD)
    assert installed.commit()[0] == 0
    assert BAD in installed.read("src/clean.cu")
    installed.git("add", "-A")
    installed.write("src/clean.cu", CLEAN + "// staged\n")
    code, output = installed.commit()
    assert code == 1
    assert f"src/clean.cu:3:12: {FINDING}" in output
    assert installed.read("src/clean.cu") == CLEAN + "// staged\n"


def test_no_target(installed):
    installed.git("rm", "-q", "--cached", "pyproject.toml")
    (installed.path / "pyproject.toml").unlink()
    installed.write("src/clean.cu", CLEAN * 2)
    installed.git("add", "-A")
    code, output = installed.commit()
    assert code == 1  # of git; the hook's own is shown
    assert "exit code: 2" in output
    lines = [line.strip() for line in output.splitlines()]  # prek indents what a hook wrote
    assert lines[lines.index("[tool.migrate]") + 1] == 'target = "musa"'


def test_excluded_files_are_not_checked(installed):
    """Pitfall 7: files are named, the project's exclusions hold all the same."""
    installed.write("pyproject.toml", '[tool.migrate]\ntarget = "musa"\nexclude = ["third_party"]\n')
    installed.write("third_party/bad.cu", BAD)
    installed.git("add", "-A")
    assert installed.commit()[0] == 0


def test_baseline_in_a_hook(installed):
    installed.write("src/old.cu", BAD)
    installed.run(sys.executable, "-m", "migrate", "baseline", check=True)
    installed.git("add", "-A")
    assert installed.commit()[0] == 0
    installed.git("mv", "src/old.cu", "src/renamed.cu")
    assert installed.commit()[0] == 0
    installed.write("src/renamed.cu", BAD * 2)
    installed.git("add", "-A")
    assert installed.commit()[0] == 1


def test_offline_once_installed(installed):
    installed.write("src/clean.cu", CLEAN * 2)
    installed.git("add", "-A")
    assert installed.commit()[0] == 0
    nowhere = "http://127.0.0.1:9/"
    names = (
        "PIP_INDEX_URL",
        "UV_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
    )
    installed.environment |= dict.fromkeys(names, nowhere)
    installed.write("src/bad.cu", BAD)
    installed.git("add", "-A")
    code, output = installed.commit()
    assert code == 1
    assert FINDING in output


def test_three_thousand_files(installed):
    """Pitfalls 1 and 2: several processes may share the files; nothing is said twice, nothing sums up."""
    for number in range(3000):
        installed.write(
            f"src/some_folder_with_a_long_name/{number % 40}/file_{number:05}.cu", f"int x{number};\n" + CLEAN
        )
    for number in (7, 1999, 2999):
        installed.write(f"src/bad_{number}.cu", BAD)
    installed.git("add", "-A")
    started = time.monotonic()
    code, output = installed.commit()
    seconds = time.monotonic() - started
    print(f"3,003 files: {seconds:.1f} s")
    assert code == 1
    lines = [line.strip() for line in output.splitlines() if FINDING in line]
    assert sorted(lines) == [f"src/bad_{number}.cu:1:12: {FINDING}" for number in (1999, 2999, 7)]
    assert "finding" not in output.replace(FINDING, "")


def test_from_ref_to_ref(user, hooks, pre_commit):
    user.write("src/old.cu", BAD)
    user.git("add", "-A")
    user.git("commit", "-q", "-m", "old")
    configure(user, hooks, "migrate-check")
    user.write("src/new.cu", BAD)
    user.git("add", "-A")
    user.git("commit", "-q", "-m", "new")
    code, output = user.run(*pre_commit, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert code == 1
    assert "src/new.cu:1:12" in output
    assert "src/old.cu" not in output


def test_users_args(user, hooks, pre_commit):
    """Pitfall: a user's args replace a hook's; ours are in entry, so both hold."""
    configure(user, hooks, "migrate-check\n    args: [--target, maca, --lang, zh]")
    user.write("src/bad.cu", BAD)
    user.git("add", "-A")
    code, output = user.run(*pre_commit, "run")
    assert code == 1
    assert "src/bad.cu:1:12: MIG901 cudaBarFoo：CUDA 名称不在任何表中 [未知]" in output


def test_ratchet(user, hooks, pre_commit):
    user.write("src/old.cu", BAD)
    user.run(sys.executable, "-m", "migrate", "baseline", check=True)
    user.git("add", "-A")
    user.git("commit", "-q", "-m", "old")
    configure(user, hooks, "migrate-ratchet")
    command = (*pre_commit, "run", "migrate-ratchet", "--hook-stage", "manual")
    assert user.run(*command)[0] == 0
    user.write("src/new.cu", BAD.replace("Foo", "Baz"))
    user.git("add", "-A")
    code, output = user.run(*command)
    assert code == 1
    assert "src/new.cu:1:12: MIG901 cudaBarBaz" in output
    assert "more findings than the baseline: 1 → 2" in output
    assert user.commit()[0] == 0  # not at every commit


def test_ratchet_at_a_push(user, hooks, pre_commit, tmp_path_factory):
    remote = tmp_path_factory.mktemp("remote")
    user.run("git", "init", "-q", "--bare", str(remote), check=True)
    user.git("remote", "add", "origin", str(remote))
    user.run(sys.executable, "-m", "migrate", "baseline", check=True)
    configure(user, hooks, "migrate-ratchet")
    user.run(*pre_commit, "install", "-t", "pre-push", check=True)
    user.git("add", "-A")
    user.git("commit", "-q", "-m", "baseline")
    user.git("push", "-q", "origin", "main")
    user.write("src/new.cu", BAD)
    user.git("add", "-A")
    user.git("commit", "-q", "-m", "new")
    code, output = user.git("push", "-q", "origin", "main", check=False)
    assert code != 0
    assert "more findings than the baseline: 0 → 1" in output


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_repo_local_as_init_writes_it(user, name):
    """Pitfalls 12 and 13: in a closed network an installed migrate does; nothing is downloaded."""
    command = tool(name) or pytest.skip(REASON)
    user.run(sys.executable, "-m", "migrate", "init", "--yes", check=True)
    text = user.read(".pre-commit-config.yaml")
    user.write(".pre-commit-config.yaml", text.replace("entry: migrate ", f"entry: {sys.executable} -m migrate "))
    user.git("add", "-A")
    user.run(*command, "install", check=True)
    assert user.commit()[0] == 0
    user.write("src/bad.cu", BAD)
    user.git("add", "-A")
    code, output = user.commit()
    assert code == 1
    assert FINDING in output


@pytest.fixture(params=["pre-commit", "prek"])
def rewriting(request, user, hooks):
    """A user with the rewriting hook and a committed file that can be rewritten."""
    from migrate.cli import COMMANDS

    if "rewrite" not in COMMANDS:
        pytest.skip("there is no command rewrite yet")
    command = tool(request.param) or pytest.skip(REASON)
    user.write("src/old.cu", REWRITABLE)
    user.git("add", "-A")
    user.git("commit", "-q", "-m", "old")
    configure(user, hooks, "migrate-rewrite", tool_command=command)
    return user


def test_rewrite_refuses_once_then_passes(rewriting):
    rewriting.write("src/old.cu", REWRITABLE + "// changed\n")
    rewriting.git("add", "-A")
    code, output = rewriting.commit()
    assert code == 1
    assert "files were modified by this hook" in output
    text = rewriting.read("src/old.cu")
    assert "musaDeviceSynchronize" in text
    assert text.endswith("// changed\n")
    rewriting.git("add", "-A")
    assert rewriting.commit()[0] == 0
    assert rewriting.read("src/old.cu") == text


def test_rewrite_with_an_unstaged_change_elsewhere_in_the_file(rewriting):
    """HOOKS §4, first case: rewritten, refused, the unstaged change is back on top, the index has the old text."""
    rewriting.write("src/old.cu", REWRITABLE + "// staged\n")
    rewriting.git("add", "-A")
    rewriting.write("src/old.cu", (REWRITABLE + "// staged\n").replace("unrelated", "elsewhere"))
    assert rewriting.commit()[0] == 1
    text = rewriting.read("src/old.cu")
    assert "musaDeviceSynchronize" in text
    assert "elsewhere" in text
    assert "cudaDeviceSynchronize" in rewriting.git("show", ":src/old.cu")[1]


def test_rewrite_with_an_unstaged_change_on_the_same_line(rewriting):
    """HOOKS §4, second case: the user's work wins, the rewriting is rolled back, nothing is lost."""
    rewriting.write("src/old.cu", REWRITABLE + "// staged\n")
    rewriting.git("add", "-A")
    mine = (REWRITABLE + "// staged\n").replace(
        "return cudaDeviceSynchronize();", "return cudaDeviceSynchronize() + 1;"
    )
    rewriting.write("src/old.cu", mine)
    assert rewriting.commit()[0] == 1
    assert rewriting.read("src/old.cu") == mine


def test_rewrite_keeps_line_ends_and_bytes(rewriting):
    """Pitfall 16: bytes outside the edits stay as they are, mixed line ends too."""
    rewriting.git("config", "core.autocrlf", "false")
    data = "#include <cuda_runtime.h>\r\n// 中文\nint f() { return cudaDeviceSynchronize(); }\r\n".encode("gb18030")
    rewriting.write("src/mixed.cu", data)
    rewriting.git("add", "-A")
    assert rewriting.commit()[0] == 1
    after = (rewriting.path / "src/mixed.cu").read_bytes()
    assert b"musaDeviceSynchronize(); }\r\n" in after
    assert "\r\n// 中文\n".encode("gb18030") in after
