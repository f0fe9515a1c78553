"""Names of files: what they say about the language, and how they are shown to people."""

from __future__ import annotations

import os
import re

_C_FAMILY = (
    *("c", "cc", "cpp", "cxx", "c++", "h", "hh", "hpp", "hxx", "h++"),
    *("inl", "ipp", "tpp", "tcc", "ixx", "cppm", "hu", "inc"),
)
_SUFFIXES = {
    **dict.fromkeys(_C_FAMILY, "c++"),
    **dict.fromkeys(("cu", "cuh"), "cuda"),
    "ptx": "ptx",
    **dict.fromkeys(("py", "pyi", "ipynb"), "python"),
    **dict.fromkeys(("pyx", "pxd"), "cython"),
    **dict.fromkeys(("jinja", "jinja2", "j2"), "template"),
    **dict.fromkeys(("cmake", "mk", "bazel", "bzl"), "build"),
}
_BUILD_NAMES = frozenset(
    ("cmakelists.txt", "makefile", "gnumakefile", "build", "workspace", "meson.build", "xmake.lua", "sconstruct")
)

_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


def language_of(name: str) -> str:
    """Language of a file by its name alone, "" for one that is not looked at unless named.

    A `.in` at the end is dropped; `.cu` or `.cuh` before a C++ suffix (`gemm.cu.cc`, `config.cuh.in`) makes it CUDA.
    """
    stem, _, suffix = name.lower().rpartition(".")
    if suffix == "in":
        name = stem
        stem, _, suffix = stem.rpartition(".")
    if not stem:
        return "build" if suffix in _BUILD_NAMES else ""
    language = _SUFFIXES.get(suffix, "")
    if language == "c++" and stem.endswith((".cu", ".cuh")):
        return "cuda"
    return language or ("build" if name.lower() in _BUILD_NAMES else "")


def display_path(path: str) -> str:
    r"""Make a path printable, so that equal results mean equal paths.

    Control characters, bytes that are no UTF-8 and what could reorder text are written as `\x1b`, `\u202e`; a backslash
    in a name becomes two.
    """
    if "\\" not in path and path.isprintable():
        return path
    return "".join(map(_display_character, path))


def _display_character(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    if 0xDC80 <= code <= 0xDCFF:  # os.fsdecode's form of a byte
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def plain_path(path: str) -> str:
    """The path that `display_path` made printable, to open it."""
    return _ESCAPE.sub(_plain_character, path) if "\\" in path else path


def _plain_character(escape: re.Match[str]) -> str:
    if escape.lastindex is None:
        return "\\"
    code = int(escape[escape.lastindex], 16)
    return chr(0xDC00 + code) if escape.lastindex == 1 and code >= 0x80 else chr(code)


def slashed(path: str) -> str:
    """The path with "/" between its parts and none at its end."""
    path = path if os.sep == "/" else path.replace(os.sep, "/")
    return path.rstrip("/")


def shown_path(path: str) -> str:
    """The path as people are shown it, not yet escaped: from the working directory where it is below it."""
    here = slashed(os.getcwd())  # noqa: PTH109
    absolute = slashed(os.path.abspath(path))  # noqa: PTH100 - keeps links, resolves dots
    if absolute == here:
        return "."
    if absolute.startswith(f"{here}/"):
        return absolute[len(here) + 1 :]
    return slashed(os.path.normpath(path)) or "/"
