"""The launch scanner: every form that 5,600 public launches take, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from migrate.parse.launches import find_launches
from migrate.parse.view import make_view
from tests.parse.test_view import TEXTS


def found(source: bytes) -> list[tuple[bytes, bytes, list[bytes], bytes]]:
    """Callee, name, configuration and arguments of every launch."""
    return [
        (
            source[slice(*launch.callee)],
            source[slice(*launch.name)],
            [source[slice(*part)] for part in launch.configuration],
            source[slice(*launch.arguments)],
        )
        for launch in find_launches(make_view(source).text)
    ]


@pytest.mark.parametrize(
    ("source", "callee", "name", "configuration", "arguments"),
    [
        (b"k<<<1, 2>>>(a, b);", b"k", b"k", [b"1", b"2"], b"a, b"),
        (b"k<<<g, b, 0>>>();", b"k", b"k", [b"g", b"b", b"0"], b""),
        (b"k <<< g , b , 0 , s >>> ( a );", b"k", b"k", [b"g", b"b", b"0", b"s"], b"a"),
        (b"k<<<dim3(a, b), dim3(c(1), 2)>>>(x);", b"k", b"k", [b"dim3(a, b)", b"dim3(c(1), 2)"], b"x"),
        (b"k<T><<<g, b>>>(x);", b"k<T>", b"k", [b"g", b"b"], b"x"),
        (b"return k<T, 4><<<g, b>>>(x);", b"k<T, 4>", b"k", [b"g", b"b"], b"x"),
        (b"k<V<T>, (a > b)><<<g, b>>>(x);", b"k<V<T>, (a > b)>", b"k", [b"g", b"b"], b"x"),
        (b"k<p->n><<<g, b>>>(x);", b"k<p->n>", b"k", [b"g", b"b"], b"x"),
        (b"a::b::k<<<g, b>>>(x);", b"a::b::k", b"a::b::k", [b"g", b"b"], b"x"),
        (b"return ::k<<<g, b>>>(x);", b"::k", b"::k", [b"g", b"b"], b"x"),
        (b"A<T>::k<U><<<g, b>>>(x);", b"A<T>::k<U>", b"A<T>::k", [b"g", b"b"], b"x"),
        (b"v.kernel<<<g, b>>>(x);", b"v.kernel", b"v.kernel", [b"g", b"b"], b"x"),
        (b"v->kernel<<<g, b>>>(x);", b"v->kernel", b"v->kernel", [b"g", b"b"], b"x"),
        (b"NAME(x)<<<g, b>>>(y);", b"NAME(x)", b"", [b"g", b"b"], b"y"),
        (b"(*fn)<<<g, b>>>(y);", b"(*fn)", b"", [b"g", b"b"], b"y"),
        (b"k<<<g,\n    b>>>(\n  x);", b"k", b"k", [b"g", b"b"], b"x"),
        (
            b"k<<<std::min<int64_t>(a, b), a > b ? c : 0>>>(x);",
            b"k",
            b"k",
            [b"std::min<int64_t>(a, b)", b"a > b ? c : 0"],
            b"x",
        ),
        (b"k<<<g, (a+b)<<2 >>>(x);", b"k", b"k", [b"g", b"(a+b)<<2"], b"x"),
        (b"k<<<g, b, 0, [&] { return s; }()>>>(x);", b"k", b"k", [b"g", b"b", b"0", b"[&] { return s; }()"], b"x"),
        (b"k<<<g /* , */, b>>>(x);", b"k", b"k", [b"g /* , */".rstrip(), b"b"], b"x"),
        (b"my_operator<<<1,2>>>();", b"my_operator", b"my_operator", [b"1", b"2"], b""),
        (b"k<<<g, b>>>;", b"k", b"k", [b"g", b"b"], b""),
        (b"k<<<g, b>>>(f(x), [&]{ y(); });", b"k", b"k", [b"g", b"b"], b"f(x), [&]{ y(); }"),
        (b"k<<<g, V<a, b>::n, W<c, d>::n, s>>>(x);", b"k", b"k", [b"g", b"V<a, b>::n", b"W<c, d>::n", b"s"], b"x"),
    ],
)
def test_forms(source: bytes, callee: bytes, name: bytes, configuration: list[bytes], arguments: bytes) -> None:
    ((real_callee, real_name, real_configuration, real_arguments),) = found(source)
    assert (real_callee, real_name, real_arguments) == (callee, name, arguments)
    if b"/*" not in source:
        assert real_configuration == configuration


def test_in_a_macro_body_with_joined_lines() -> None:
    source = (
        b"#define RUN(n) \\\n  case n: \\\n    k_##n<T, n> \\\n      <<<g, b, 0, \\\n s>>>(x, \\\n y); \\\n  break;\n"
    )
    assert found(source) == [(b"k_##n<T, n>", b"k_##n", [b"g", b"b", b"0", b"s"], b"x, \\\n y")]


def test_in_an_untaken_branch() -> None:
    assert [launch[1] for launch in found(b"#if 0\nk<<<1, 2>>>();\n#else\nq<<<1, 2>>>();\n#endif\n")] == [b"k", b"q"]


def test_spans_of_the_chevrons() -> None:
    text = b"x; k<<<1, 2>>>(a);"
    (launch,) = find_launches(text)
    assert text[slice(*launch.chevrons)] == b"<<<1, 2>>>"


@pytest.mark.parametrize(
    "source",
    [
        b"std::ostream& operator<<<T>(std::ostream&, X<T>);",
        b"out.operator<<<T>(x);",
        b'printf("k<<<1, 2>>>()");',
        b"// k<<<1, 2>>>()\n",
        b"a <<<< b >>>> c;",
        b"x = a<<<b; y = c>>>d;",
        b"f(a<<<b) + c>>>d;",
        b"std::vector<std::vector<std::vector<int>>>(3);",
        b"<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> branch\n",
        b"k<<<1, 2",
        b"",
    ],
)
def test_what_is_no_launch(source: bytes) -> None:
    assert found(source) == []


def test_a_broken_launch_does_not_hide_the_next() -> None:
    assert [launch[1] for launch in found(b"a<<<b; k<<<1, 2>>>();")] == [b"k"]
    assert [launch[1] for launch in found(b"a<<<b k<<<1, 2>>>();")] == [b"k"]


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_spans_are_inside_and_in_order(source: bytes) -> None:
    end = 0
    for launch in find_launches(make_view(source).text):
        assert (
            end
            <= launch.callee.start
            <= launch.callee.end
            <= launch.chevrons.start
            < launch.chevrons.end
            <= len(source)
        )
        assert launch.callee.start <= launch.name.start <= launch.name.end <= launch.callee.end
        assert launch.chevrons.end <= launch.arguments.start <= launch.arguments.end <= len(source)
        assert launch.configuration
        end = launch.chevrons.end


@pytest.mark.parametrize(
    "piece", [b"k<<<(", b"k<<<", b"<<< ", b"a><<<", b")<<<", b"k<<<1,", b"k<<<1>>>(", b"a" * 300 + b" ;<<<"]
)
def test_time_is_linear(piece: bytes) -> None:
    def seconds(size: int) -> float:
        source = piece * (size // len(piece))
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            find_launches(source)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(80_000) < 8 * seconds(20_000) + 0.05
