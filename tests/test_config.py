"""Configuration files, environment, and how they are merged with the command line."""

from __future__ import annotations

import builtins

import pytest

from migrate.config import DEFAULT_EXCLUDE, KEYS, Settings, load_config, settings
from migrate.errors import UserError


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_without_a_file_there_is_nothing(project):
    assert load_config(project) == {}
    assert settings({}, project, {}) == Settings()


def test_every_key_reaches_its_field(project):
    write(
        project / "pyproject.toml",
        """
        [tool.migrate]
        target = "musa:mp_22, cann@8.5"
        exclude = ["gen"]
        extend-exclude = ["third_party/cutlass", "./a/b", "*.inl"]
        include = ["*.cuda"]
        respect-gitignore = false
        force-exclude = true
        max-file-size = 1000
        lang = "zh_CN"
        rules = ["./my-rules"]
        select = ["MIG2"]
        ignore = ["MIG102", "MIG801"]
        jobs = 4
        executor = "dask=tcp://host:8786"
        cache = false
        fail-on = "unsupported, rewrite"
        require-reason = true
        baseline = "ci/known.tsv"
        [tool.migrate.per-path-ignores]
        "third_party/**" = ["MIG3", "MIG5"]
        "*.inl" = "MIG401"
        """,
    )
    table = load_config(project)
    assert table == {
        "targets": ("musa:mp_22", "cann@8.5"),
        "exclude": ("gen",),
        "extend_exclude": (f"{project}/third_party/cutlass", f"{project}/a/b", "*.inl"),
        "include": ("*.cuda",),
        "respect_gitignore": False,
        "force_exclude": True,
        "max_file_size": 1000,
        "lang": "zh",
        "rules": (str(project / "my-rules"),),
        "select": ("MIG2",),
        "ignore": ("MIG102", "MIG801"),
        "jobs": 4,
        "executor": "dask=tcp://host:8786",
        "cache": False,
        "fail_on": ("unsupported", "rewrite"),
        "require_reason": True,
        "baseline": str(project / "ci/known.tsv"),
        "per_path_ignores": ((f"{project}/third_party/**", ("MIG3", "MIG5")), ("*.inl", ("MIG401",))),
    }
    assert set(table) == {field for field, _ in KEYS.values()}
    assert set(table) <= set(Settings._fields)
    merged = settings({}, project, {})
    assert (merged.targets, merged.root) == (("musa:mp_22", "cann@8.5"), str(project))


def test_a_list_of_targets(project):
    write(project / "migrate.toml", 'target = ["musa", "maca:cu-bridge"]')
    assert load_config(project)["targets"] == ("musa", "maca:cu-bridge")


def test_search_goes_up_and_ends_at_git(tmp_path):
    write(tmp_path / "migrate.toml", 'target = "outer"')
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    inner = tmp_path / "repo" / "src" / "deep"
    inner.mkdir(parents=True)
    assert load_config(inner) == {}
    write(tmp_path / "repo" / "migrate.toml", 'target = "inner"')
    assert load_config(inner) == {"targets": ("inner",)}
    assert load_config(write(inner / "a.cu", "")) == {"targets": ("inner",)}


def test_migrate_toml_goes_before_pyproject_and_other_pyprojects_are_passed_over(project):
    write(project / "pyproject.toml", '[tool.migrate]\ntarget = "supa"')
    write(project / "sub" / "pyproject.toml", '[tool.black]\nline-length = 3\n[project]\nname = "migrate"')
    assert load_config(project / "sub") == {"targets": ("supa",)}
    write(project / "migrate.toml", 'target = "tops"')
    assert load_config(project / "sub") == {"targets": ("tops",)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("targets = 1", ("unknown key 'targets'", "did you mean 'target'?")),
        ("extend_exclude = []", ("unknown key 'extend_exclude'", "'extend-exclude'")),
        ("zzz = 1", ("unknown key 'zzz'", "known keys: target")),
        ("target = 3", ("target must be a text or a list of texts", "3")),
        ("exclude = 'a'", ("exclude must be a list of patterns",)),
        ("exclude = [1]", ("exclude must be a list of patterns",)),
        ("respect-gitignore = 1", ("respect-gitignore must be true or false",)),
        ("max-file-size = true", ("max-file-size must be a whole number",)),
        ("max-file-size = -1", ("max-file-size must be a whole number",)),
        ("lang = 'fr'", ("lang", "'fr'", "en, zh")),
        ("lang = 1", ("lang must be a text",)),
        ("fail_on = 'adapt'", ("unknown key 'fail_on'", "'fail-on'")),
        ("baseline = 1", ("baseline must be the name of a file",)),
        ("per-path-ignores = ['a']", ("per-path-ignores must be a table",)),
        ("[per-path-ignores]\n'a/*' = 3", ("per-path-ignores.a/* must be a text or a list of texts",)),
        ("target = x\n", ("not valid TOML", "line 1")),
    ],
)
def test_mistakes_name_file_key_and_remedy(project, text, words):
    path = write(project / "migrate.toml", text)
    with pytest.raises(UserError) as caught:
        load_config(project)
    message = str(caught.value)
    assert str(path) in message
    assert all(word in message for word in words), message
    assert caught.value.exit_code == 2


def test_tool_migrate_must_be_a_table(project):
    write(project / "pyproject.toml", "[tool]\nmigrate = 3")
    with pytest.raises(UserError, match="must be a table"):
        load_config(project)


def test_a_file_that_is_not_utf8_names_its_line(project):
    (project / "migrate.toml").write_bytes('target = "musa"\n# 中文\n'.encode("gb18030"))
    with pytest.raises(UserError, match=r"migrate\.toml:2: not UTF-8"):
        load_config(project)


def test_a_byte_order_mark_is_fine(project):
    (project / "migrate.toml").write_bytes(b'\xef\xbb\xbftarget = "musa"\n')
    assert load_config(project) == {"targets": ("musa",)}


def test_an_unreadable_file_is_a_mistake(project):
    (project / "migrate.toml").mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        load_config(project)


def test_no_toml_reader_is_loaded_for_somebody_elses_pyproject(project, monkeypatch):
    write(project / "pyproject.toml", '[project]\nname = "other"')
    real = builtins.__import__

    def guarded(name, *rest):
        assert name not in {"tomllib", "tomli"}
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", guarded)
    assert load_config(project) == {}
    write(project / "migrate.toml", "")
    with pytest.raises(AssertionError):  # the guard works
        load_config(project)


def test_patterns_with_a_slash_are_tied_to_the_folder_of_the_file_literally(tmp_path):
    folder = tmp_path / "odd [x]{y}*"
    write(folder / "migrate.toml", 'exclude = ["a/*.cu", "/abs/b", "build/"]')
    escaped = f"{tmp_path}/odd [[]x][{{]y}}[*]/a/*.cu"
    assert load_config(folder)["exclude"] == (escaped, "/abs/b", "build/")


def test_command_line_goes_before_environment_before_file(project):
    write(project / "migrate.toml", 'target = "supa"\nlang = "en"\nforce-exclude = true')
    environment = {"MIGRATE_TARGET": "musa,maca", "MIGRATE_LANG": "zh-CN"}
    assert settings({}, project, {}).targets == ("supa",)
    merged = settings({"targets": None, "lang": None}, project, environment)
    assert (merged.targets, merged.lang, merged.force_exclude) == (("musa", "maca"), "zh", True)
    merged = settings({"targets": ["cann"], "lang": "en", "force_exclude": False}, project, environment)
    assert (merged.targets, merged.lang, merged.force_exclude) == (("cann",), "en", False)
    assert settings({}, project, {}, isolated=True) == Settings()
    assert merged.exclude == DEFAULT_EXCLUDE


def test_wrong_language_in_the_environment(project):
    with pytest.raises(UserError, match="MIGRATE_LANG"):
        settings({}, project, {"MIGRATE_LANG": "klingon"})


def test_an_option_that_is_no_setting_is_a_bug_of_ours(project):
    with pytest.raises(TypeError, match="nonsense"):
        settings({"nonsense": 1}, project, {})
