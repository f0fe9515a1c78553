"""Bytes of one file: reading, encodings, lines and columns, display."""

from __future__ import annotations

import codecs
import errno
import os
from io import FileIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate import source
from migrate.source import Source, TooLargeError, read, read_failure, unsupported_reason, word_reason

# -- lines and columns -------------------------------------------------------------------------------------------------

ANY_BYTES = st.lists(
    st.one_of(
        st.binary(max_size=6), st.sampled_from([b"\n", b"\r\n", b"\r", b"int x;", "变量".encode(), "é".encode()])
    ),
    max_size=12,
).map(b"".join)


def naive_positions(data, encoding, offsets):
    """The definition, one offset at a time: walk the line ends, decode the line up to the offset."""
    starts = [0]
    i = 0
    while i < len(data):
        if data[i : i + 2] == b"\r\n":
            i += 1
        if data[i : i + 1] in {b"\r", b"\n"}:
            starts.append(i + 1)
        i += 1
    positions = []
    for offset in offsets:
        line = max(n for n, start in enumerate(starts) if start <= offset)
        begin = starts[line]
        if line == 0 and data.startswith(codecs.BOM_UTF8):
            begin = 3
        characters = codecs.getincrementaldecoder(encoding)("replace").decode(data[begin:offset])
        positions.append((line + 1, len(characters) + 1))
    return positions


@given(ANY_BYTES, st.sampled_from(["", "utf-8", "gb18030", "latin-1"]), st.data())
def test_positions_equal_the_naive_computation(data, encoding, draw):
    offsets = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=12)))
    text = Source(data, encoding)
    expected = naive_positions(data, text.encoding, offsets)
    assert text.positions(offsets) == expected
    assert text.starts  # from here on the list of lines answers
    assert text.positions(offsets) == expected
    assert [Source(data, encoding).position(offset) for offset in offsets] == expected


@given(st.text(st.characters(codec="gb18030", exclude_characters="\n\r")), st.sampled_from(["utf-8", "gb18030"]))
def test_column_is_the_index_of_the_character(line, encoding):
    text = Source(b"first\n" + line.encode(encoding), encoding)
    for index in range(len(line)):
        assert text.position(6 + len(line[:index].encode(encoding))) == (2, index + 1)


@given(ANY_BYTES)
def test_lines_are_those_of_splitlines(data):
    text = Source(data)
    assert text.line_count == len(data.splitlines())
    starts = text.starts
    assert text.line_count == len(data.splitlines())  # the other way of counting
    assert [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True) if start < end] == (
        data.splitlines(keepends=True)
    )


@pytest.mark.parametrize(
    ("data", "starts", "count"),
    [
        (b"", [0], 0),
        (b"a", [0], 1),
        (b"a\n", [0, 2], 1),
        (b"a\r\nb\rc\nd", [0, 3, 5, 7], 4),
        (b"\r\r\n\n", [0, 1, 3, 4], 3),
        (b"a\x0cb\x0bc\xe2\x80\xa8d\n", [0, 10], 1),  # form feed, vertical tab, U+2028 end no line
    ],
)
def test_line_starts(data, starts, count):
    assert Source(data).line_count == count
    assert Source(data).starts == starts


@pytest.mark.parametrize("data", [b"a\nb\nc", b"a\rb\rc"])
def test_descending_offsets_are_refused_instead_of_answered_wrong(data):
    with pytest.raises(ValueError, match="ascending"):
        Source(data).positions([4, 0])


def test_byte_order_mark_is_no_character():
    text = Source(codecs.BOM_UTF8 + "变 x\n变 y".encode())
    assert text.bom == codecs.BOM_UTF8
    assert text.positions([0, 3, 7, 13]) == [(1, 1), (1, 1), (1, 3), (2, 3)]
    assert text.line_text(1) == "变 x"


def test_thousands_of_offsets_on_one_long_line_decode_it_once(monkeypatch):
    decoded = 0

    class Counting(codecs.getincrementaldecoder("utf-8")):
        def decode(self, part, final=False):
            nonlocal decoded
            decoded += len(part)
            return super().decode(part, final)

    monkeypatch.setattr(source.codecs, "getincrementaldecoder", lambda _: Counting)
    data = "变x ".encode() * 40_000
    offsets = range(3, len(data), 5)
    assert Source(data).positions(offsets)[-1] == (1, 3 * 40_000 - 1)
    assert decoded <= len(data)


def test_newline_style_is_the_first_line_end():
    assert [Source(data).newline for data in (b"a\r\nb\n", b"a\rb", b"a\nb\r\n", b"a")] == [
        b"\r\n",
        b"\r",
        b"\n",
        b"\n",
    ]


# -- encodings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"", "utf-8"),
        (b"int x;\n", "utf-8"),
        ("// 归约\n".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "// 归约\n".encode(), "utf-8"),
        ("// 每个线程处理一个元素，结果写回全局内存\n".encode("gb18030"), "gb18030"),
        ("// 朱镕基 〇𠀀 归约\n".encode("gb18030"), "gb18030"),
        ("// André Müller, Größe ±5 µs\n".encode("latin-1"), "latin-1"),
        ("// Müller\n".encode("latin-1"), "latin-1"),  # also decodes as GB18030
        ("// 每个线程处理一个元素\n".encode() + b"// \xff\n", "utf-8"),  # all but one byte
        (codecs.BOM_UTF16_LE + "int".encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + "int".encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + "int".encode("utf-32-le"), "utf-32-le"),
    ],
)
def test_encoding_by_trial(data, encoding):
    assert Source(data).encoding == encoding


def test_encoding_note_names_line_byte_and_remedy():
    note = Source("a\nb\n// Müller\n".encode("latin-1")).encoding_note()
    assert "line 3" in note
    assert "0xFC" in note
    assert "iconv -f LATIN1 -t UTF-8" in note
    assert "GB18030" in Source("// 归约\n".encode("gb18030")).encoding_note()
    assert "line 2" in Source("// 每个线程处理一个元素\n".encode() + b"// \xff\n").encoding_note()
    assert not Source("// 归约\n".encode()).encoding_note()
    assert not Source(b"int\n").encoding_note()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (codecs.BOM_UTF16_LE + "int x;".encode("utf-16-le"), ("UTF-16;", "iconv -f UTF-16 -t UTF-8")),
        (codecs.BOM_UTF16_BE + "int x;".encode("utf-16-be"), ("UTF-16;",)),
        (codecs.BOM_UTF32_LE + "int x;".encode("utf-32-le"), ("UTF-32;", "iconv -f UTF-32 -t UTF-8")),
        (("int x;\n" * 20).encode("utf-16-le"), ("UTF-16 without byte order mark", "UTF-16LE")),
        (("int x;\n" * 20).encode("utf-16-be"), ("UTF-16 without byte order mark", "UTF-16BE")),
        (b"one\ntwo\n" + b"\0" * 500 + b"x" * 900, ("binary", "500 NUL bytes", "line 3", "--exclude")),
    ],
)
def test_what_is_no_text_is_not_analysed(data, words):
    reason = unsupported_reason(data)
    assert all(word in reason for word in words), reason


def test_a_single_nul_is_text():
    assert not unsupported_reason(b"int x;\0\nint y;\n")
    assert not unsupported_reason(b"")


# -- display -----------------------------------------------------------------------------------------------------------


def test_display_takes_terminal_control_out_and_keeps_columns():
    line = "a\tb\x1b[31m\x07\x7f\x9b\u202e归\u3000约\u200b\x00"
    shown = Source(f"{line}\nnext".encode()).line_text(1)
    assert shown == "a b␛[31m␇␡\ufffd\ufffd归\u3000约\ufffd␀"
    assert len(shown) == len(line)


@given(st.binary())
def test_display_never_lets_a_control_character_through(data):
    text = Source(data)
    for line in range(1, text.line_count + 1):
        shown = text.line_text(line)
        assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)
        shown.encode("utf-8")


def test_long_lines_are_cut_around_the_column():
    text = Source(b"0123456789" * 20_000)
    assert text.line_text(1, 10) == "012345678…"
    middle = text.line_text(1, 10, column=100_001)
    assert len(middle) == 10
    assert middle[0] == middle[-1] == "…"
    assert "0" in middle
    assert text.line_text(1, 10, column=200_000) == "…123456789"
    assert Source(b"0123456789").line_text(1, 10) == "0123456789"


@given(st.integers(3, 60), st.integers(1, 50), st.integers(1, 50))
def test_the_column_stays_visible(width, length, column):
    line = "".join(chr(0x4E00 + i) for i in range(length))
    column = min(column, length)
    shown = Source(line.encode()).line_text(1, width, column)
    assert len(shown) == min(width, length)
    assert line[column - 1] in shown


def test_line_text_drops_the_line_end():
    text = Source(b"a\r\nb\rc\n\nlast")
    assert [text.line_text(line) for line in range(1, 6)] == ["a", "b", "c", "", "last"]


# -- reading -----------------------------------------------------------------------------------------------------------


def test_read_gives_every_byte(tmp_path):
    data = bytes(range(256)) * 400
    (tmp_path / "a.cu").write_bytes(data)
    assert read(tmp_path / "a.cu") == data
    assert read(str(tmp_path / "a.cu"), limit=len(data)) == data
    (tmp_path / "empty.cu").write_bytes(b"")
    assert read(tmp_path / "empty.cu") == b""


def test_a_file_over_the_limit_is_not_read_and_the_option_is_named(tmp_path):
    (tmp_path / "big.cu").write_bytes(b"x" * 2000)
    with pytest.raises(TooLargeError) as caught:
        read(tmp_path / "big.cu", limit=1999)
    assert read_failure(caught.value) == "2,000 bytes, more than 1,999; raise the limit with --max-file-size"
    assert len(read(tmp_path / "big.cu", limit=0)) == 2000


def test_fifty_megabytes_are_refused_by_the_size_alone(tmp_path, monkeypatch):
    class Unread(FileIO):
        def readall(self):
            pytest.fail("the file was read")

    monkeypatch.setattr(source, "FileIO", Unread)
    with (tmp_path / "generated.cu").open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    with pytest.raises(TooLargeError, match=r"52,428,800 bytes.*--max-file-size"):
        read(tmp_path / "generated.cu")


def test_reasons_of_unreadable_files(tmp_path):
    def reason(path):
        with pytest.raises(OSError) as caught:
            read(path)
        return read_failure(caught.value)

    (tmp_path / "folder.cu").mkdir()
    assert "folder" in reason(tmp_path / "folder.cu")
    (tmp_path / "dangling.cu").symlink_to("nothing.cu")
    assert "not there any more" in reason(tmp_path / "dangling.cu")
    (tmp_path / "loop.cu").symlink_to("loop.cu")
    assert os.strerror(errno.ELOOP) in reason(tmp_path / "loop.cu")
    assert "not an ordinary file" in reason("/dev/null")


def test_no_permission_is_a_reason(monkeypatch):
    # root may read everything, so the refusal is played
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(source, "FileIO", refuse)
    with pytest.raises(PermissionError) as caught:
        read("a.cu")
    assert "no permission" in read_failure(caught.value)
    assert "--exclude" in read_failure(caught.value)


def test_digest_is_that_of_blake2b():
    # python -c "print(__import__('hashlib').blake2b(b'abc', digest_size=16).hexdigest())"
    assert source.digest(b"abc") == "cf4ab791c62b8d2b2109c90275287816"
    assert source.digest(b"abc") != source.digest(b"abd")


# -- CUDA words in files that are not analysed yet ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "import torch\nx = torch.cuda.is_available()\nimport cupy", "torch.cuda, cupy"),
        ("python", "use_cuda = False; x.cuda()", "use_cuda, cuda"),
        ("python", "CUDAExtension('k', ['k.cu'])", "CUDAExtension, .cu"),
        ("cython", "cdef extern from 'cublas_v2.h': pass", "cublas_v2"),
        ("template", "__global__ void k() {}", "__global__"),
        ("build", "set(CMAKE_CUDA_ARCHITECTURES 80)\nadd_library(k k.cuh)", "CMAKE_CUDA_ARCHITECTURES, .cuh"),
        ("build", "NVCC ?= nvcc -arch=sm_80", "NVCC, nvcc"),
    ],
)
def test_cuda_words_are_named(language, text, expected):
    assert word_reason(text.encode(), language) == f"{language} file with CUDA words ({expected}), not analysed yet"


@pytest.mark.parametrize("text", ["x.current = custom.cut", "accumulate", "import numpy", ""])
def test_no_cuda_words_no_reason(text):
    assert not word_reason(text.encode(), "python")


def test_only_the_first_words_are_listed():
    reason = word_reason(b"cuda_a cuda_b cuda_c cuda_a cuda_d cuda_e cuda_f", "python")
    assert reason == "python file with CUDA words (cuda_a, cuda_b, cuda_c, cuda_d, …), not analysed yet"


def test_encoded_data_in_notebooks_is_no_word():
    assert not word_reason(b'"image/png": "' + b"iVBORw0KGgo" * 300 + b"cuda" + b"AAAANSUhEUg" * 300 + b'"', "python")


def test_languages_that_are_analysed_have_no_reason():
    assert not word_reason(b"cudaMalloc", "cuda")
    assert not word_reason(b"cudaMalloc", "c++")
    assert not word_reason(b".version 8.0", "ptx")
