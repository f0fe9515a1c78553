"""Exit codes and messages when something is wrong, and that nothing half-done is left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from migrate.errors import UserError


def fail_with(monkeypatch, error):
    from migrate import pipeline

    def scan_paths(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(pipeline, "scan_paths", scan_paths)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["scan", ".", "--bogus"], "No such option"),
        (["scan", ".", "--format", "pdf"], "'pdf' is not one of"),
        (["scna", "."], "No such command 'scna'"),
        (["scan", ".", "-t", "mussa"], 'unknown target "mussa", did you mean "musa"?'),
        (["scan", "nowhere", "-t", "musa"], "nowhere: no such file or folder"),
        (["scan", ".", "-t", "musa", "--rules", "nowhere"], "nowhere: no such file or folder"),
        (["scan", ".", "-t", "musa", "--class", "bad"], "--class bad: not one of check"),
        (["scan", ".", "-t", "musa", "--show", "me"], "--show me: not one of all, files, evidence"),
        (["scan", ".", "-t", "musa", "--select", "MIG999"], "--select MIG999: no finding id starts so"),
        (["scan", ".", "-t", "musa", "-o", "no/such/folder/x"], "no/such/folder/x: cannot be written"),
        (["explain", "cudaMalocAsync"], "cudaMalocAsync is in no table. Nearest: cudaMallocAsync"),
        (["explain", "CUDAMALLOC"], "Nearest: cudaMalloc"),
        (["explain", "MIG000"], "MIG000 is no finding id. There are: MIG101"),
        (["rules", "list", "mussa"], "unknown target"),
        (["rules", "lint", "nowhere"], "nowhere: no such file or folder"),
        (["rules", "show", "nothing_like_it"], "nothing_like_it is in no table"),
    ],
)
def test_a_mistake_of_the_user_is_one_message_and_2(run, args, message):
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert err.startswith("migrate: error: ")
    assert message in err
    assert "Traceback" not in err


def test_usage_errors_point_to_help(run):
    assert run("scan", "--bogus")[2].endswith("Try `migrate scan --help`.\n")


def test_no_target_says_how_to_give_one(run, source):
    code, _, err = run("scan", "add.cu")
    assert code == 2
    assert err == (
        "migrate: error: no target given. Use --target musa|maca|supa|tops|cann|… or set it once:\n"
        '  [tool.migrate]\n  target = "musa"\n'
    )


def test_errors_speak_chinese(run):
    code, _, err = run("scan", ".", "--lang", "zh")
    assert code == 2
    assert err.startswith("migrate: 错误：没有指定目标")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["scan", "--bogus"], "没有选项 '--bogus'"),
        (["scna"], "没有命令 'scna'"),
        (["explain"], "缺少参数 'NAME|MIGnnn'"),
        (["scan", "--format", "pdf"], "'--format' 的值无效：'pdf' 不在可选值之内：'text', 'json'"),
        (["scan", ".", "-t", "mussa"], '没有目标 "mussa"，是否指 "musa"？'),
        (["scan", ".", "-t", "musa:mp_9"], '目标 musa 没有变体 "mp_9"'),
        (["estimate", "nowhere.json"], "nowhere.json：无法读取：没有这个文件或文件夹"),
        (["estimate", ".", "--assume", "time=1"], "没有假设 time；可用的有：team"),
    ],
)
def test_mistakes_of_the_user_are_said_in_chinese(run, source, monkeypatch, args, message):
    monkeypatch.setenv("MIGRATE_LANG", "zh")
    code, _, err = run(*args)
    assert code == 2
    assert err.startswith(f"migrate: 错误：{message}")


def test_hostile_names_in_messages_are_escaped(run):
    assert "\x1b" not in run("scan", "a\x1b[31m", "-t", "musa")[2]
    assert "\x1b" not in run("explain", "a\x1b[31m")[2]


def test_a_user_error_of_the_pipeline(run, source, monkeypatch):
    fail_with(monkeypatch, UserError("own.tsv:14: status"))
    assert run("scan", ".", "-t", "musa") == (2, "", "migrate: error: own.tsv:14: status\n")


def test_a_fault_of_ours_names_type_and_place(run, source, monkeypatch):
    fail_with(monkeypatch, KeyError("x"))
    code, out, err = run("scan", ".", "-t", "musa")
    assert (code, out) == (3, "")
    assert err.startswith("migrate: internal error: KeyError at migrate/cli/_run.py:")
    assert "report it" in err
    assert "Traceback" not in err


def test_debug_prints_the_traceback(run, source, monkeypatch):
    fail_with(monkeypatch, KeyError("x"))
    monkeypatch.setenv("MIGRATE_DEBUG", "1")
    code, _, err = run("scan", ".", "-t", "musa")
    assert code == 3
    assert "Traceback" in err


def test_control_c_is_130_without_a_traceback(run, source, monkeypatch):
    fail_with(monkeypatch, KeyboardInterrupt())
    assert run("scan", ".", "-t", "musa") == (130, "", "migrate: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_real_interrupt(source):
    """From outside, while it waits for standard input."""
    # A shell starts its background jobs deaf to Ctrl-C, and whoever ran these tests may be one: hear it in any case.
    program = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "runpy.run_module('migrate', run_name='__main__')"
    command = [sys.executable, "-c", program, "scan", "-", "-t", "musa"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b"/")
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while unread(process.stdin) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


def unread(pipe):
    """Bytes that the other end has not read yet: it reads standard input only after its imports."""
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
@pytest.mark.parametrize("command", [["explain", "cudaMalloc"], ["rules", "list"]])
def test_a_reader_that_goes_away_is_no_error(command):
    with subprocess.Popen(
        [sys.executable, "-m", "migrate", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 141
    assert err == b""


def test_a_failed_run_leaves_the_old_file_alone(run, source, tmp_path, monkeypatch):
    from migrate.report import scan_json

    target = tmp_path / "scan.json"
    target.write_text("old")

    def write(_scan, out, _selection):
        out.write("half")
        raise RuntimeError

    monkeypatch.setattr(scan_json, "write_json", write)
    assert run("scan", "add.cu", "-t", "musa", "--format", "json", "-o", "scan.json")[0] == 3
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["add.cu", "scan.json"]
