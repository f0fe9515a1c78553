"""Recipes: the table and the functions agree, templates do what they say, and HIP's do their work."""

import pytest

from migrate.model import Shape, Span, Use
from migrate.parse.view import make_view
from migrate.rewrite import recipes
from migrate.rewrite.calls import make_call
from migrate.rewrite.edits import apply
from migrate.tables import recipes as table
from migrate.tables.rules import rules_dir

HEAD = "#include <hip/hip_runtime.h>\n"


def rows(target):
    return [row for found in table.read([rules_dir() / target / "recipes.tsv"]).values() for row in found]


def targets():
    return sorted(path.parent.name for path in rules_dir().glob("*/recipes.tsv"))


@pytest.mark.parametrize("target", targets())
def test_python_recipes_and_rows_are_the_same(target):
    recipes.load(target)
    written = {row.cuda for row in rows(target) if row.template == table.PYTHON}
    registered = {name for owner, name in recipes.REGISTRY if owner == target}
    assert written == registered


def applied(text, template):
    source = text.encode()
    name = source.index(b"f(")
    use = Use(name, 1, 1, 1, Shape("f", "call"))
    call = make_call(source, make_view(source).text, use, None, Span(name, name + 1))
    fix = call.from_template(template)
    return None if fix is None else apply(source, fix.edits).decode()


@pytest.mark.parametrize(
    ("text", "template", "after"),
    [
        ("x = f(a, b);", "g($1, $2)", "x = g(a, b);"),
        ("f(a,\n  b /* why */);", "g($1, $2)", "g(a,\n  b /* why */);"),
        ("f(a, b, c, d);", "g($1, $3, $2, $3, $4)", "g(a, c, b, c, d);"),
        ("f(a, b, c);", "g($1, $3)", "g(a, c);"),
        ("f(a, b, c);", "g($2, $3)", "g(b, c);"),
        ("f(a, b, c);", "g($1)", "g(a);"),
        ("f(a, b);", "g()", "g();"),
        ("f();", "g(0)", "g(0);"),
        ("f(a);", "g(0, (void *)$1, N)", "g(0, (void *)a, N);"),
        ("f(a, b);", "g($2, $1)", "g(b, a);"),
        ("f(h(a, b), {1, 2}, t<int, 4>(c));", "g($3, $1)", "g(t<int, 4>(c), h(a, b));"),
        ("f(a < b, c > d);", "g($2, $1)", "g(c > d, a < b);"),
        ("f(a, b);", "g($*)", "g(a, b);"),
        ("f(a, b);", "($1)->g($2)", "(a)->g(b);"),
        ('f("a, b)", c);', "g($2, $1)", 'g(c, "a, b)");'),
        ("f(a);", "g($2)", None),
    ],
)
def test_template(text, template, after):
    assert applied(text, template) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cudaMemcpyToSymbol(s, &x, 4)", "hipMemcpyToSymbol(HIP_SYMBOL(s), &x, 4)"),
        ("cudaGetSymbolAddress((void **)&p, s)", "hipGetSymbolAddress((void **)&p, HIP_SYMBOL(s))"),
        (
            "cudaFuncSetAttribute(k, cudaFuncAttributeMaxDynamicSharedMemorySize, n)",
            "hipFuncSetAttribute(reinterpret_cast<const void*>(k), hipFuncAttributeMaxDynamicSharedMemorySize, n)",
        ),
        ("cudaEventCreate(&e)", "hipEventCreate(&e)"),
        ("cudaEventCreate(&e, cudaEventDisableTiming)", "hipEventCreateWithFlags(&e, hipEventDisableTiming)"),
        ("cudaMallocPitch(&p, &pitch, w, h)", "hipMallocPitch((void**)&p, &pitch, w, h)"),
        ("cudaMallocPitch((void **)&p, &pitch, w, h)", "hipMallocPitch((void **)&p, &pitch, w, h)"),
        ("cudaMallocHost(&p, n)", "hipHostMalloc(&p, n, hipHostMallocDefault)"),
        (
            "cuOccupancyMaxPotentialBlockSize(&a, &b, fn, NULL, 0, 0)",
            "hipModuleOccupancyMaxPotentialBlockSize(&a, &b, fn, 0, 0)",
        ),
    ],
)
def test_hip(before, after, becomes):
    becomes(f"{HEAD}int r = {before};\n", f"{HEAD}int r = {after};\n", "dtk")


def test_callback_is_dropped_only_when_asked(rewrite):
    text = HEAD + "int r = cuOccupancyMaxPotentialBlockSize(&a, &b, fn, shared, 0, 0);\n"
    assert rewrite(text, "dtk").data.decode() == text
    done = rewrite(text, "dtk", unsafe=True)
    assert b"hipModuleOccupancyMaxPotentialBlockSize(&a, &b, fn, 0, 0)" in done.data
    assert done.assumed[0].assumption.en


@pytest.mark.parametrize("value", ["", " = nullptr"])
def test_callback_without_a_function_is_dropped(value, becomes):
    """A local variable that never gets a value holds no callback."""
    text = HEAD + "void f() {{ {} none{}; {}(&a, &b, fn, {}0, 0); }}\n"
    becomes(
        text.format("CUoccupancyB2DSize", value, "cuOccupancyMaxPotentialBlockSize", "none, "),
        text.format("void*", value, "hipModuleOccupancyMaxPotentialBlockSize", ""),
        "dtk",
    )


@pytest.mark.parametrize(
    "text",
    [
        "void f() { CUoccupancyB2DSize s; s = g; cuOccupancyMaxPotentialBlockSize(&a, &b, fn, s, 0, 0); }",
        "void f() { CUoccupancyB2DSize s; g(&s); cuOccupancyMaxPotentialBlockSize(&a, &b, fn, s, 0, 0); }",
        "void f() { CUoccupancyB2DSize s = g; cuOccupancyMaxPotentialBlockSize(&a, &b, fn, s, 0, 0); }",
        "void f(CUoccupancyB2DSize s) { cuOccupancyMaxPotentialBlockSize(&a, &b, fn, s, 0, 0); }",
        "CUoccupancyB2DSize s;\nvoid f() { cuOccupancyMaxPotentialBlockSize(&a, &b, fn, s, 0, 0); }",
        "struct S { CUoccupancyB2DSize s; void f() { cuOccupancyMaxPotentialBlockSize(&a, &b, fn, s, 0, 0); } };",
    ],
)
def test_callback_that_may_be_a_function_stays(text, stays):
    stays(HEAD + text + "\n", "dtk")


def test_half2_fields(becomes):
    becomes(
        HEAD + "#include <cuda_fp16.h>\n__global__ void k() { half2 h = f(); float x = (float)h.x; g(&h.y); }\n",
        HEAD + "#include <hip/hip_fp16.h>\n__global__ void k() { half2 h = f(); "
        "float x = (float)reinterpret_cast<half&>(h.x); g(&h.y); }\n",
        "dtk",
    )


def test_fields_of_a_name_with_two_types_are_left(rewrite):
    """Text alone cannot tell which of the two a place means."""
    text = "__global__ void a() { half2 h = f(); g(h.x); }\n__global__ void b() { float2 h = e(); g(h.x); }\n"
    assert rewrite(HEAD + text, "dtk").data.decode() == HEAD + text


def test_recipe_inside_a_recipe_takes_another_round(becomes):
    """An argument that is copied brings its names with it."""
    becomes(
        HEAD + "int r = cudaMemcpyToSymbol(s, f(cudaMemcpyToSymbol(t, &x, 4)), 4);\n",
        HEAD + "int r = hipMemcpyToSymbol(HIP_SYMBOL(s), f(hipMemcpyToSymbol(HIP_SYMBOL(t), &x, 4)), 4);\n",
        "dtk",
    )


def test_a_recipe_that_never_ends_is_told(rewrite, monkeypatch):
    from migrate.model import Edit, Fix
    from migrate.rewrite.recipes import FILE_REGISTRY

    rewrite("int a;\n", "dtk")  # the target's recipes are loaded

    def grow(_file):
        return [Fix((Edit(0, 0, b"cudaError_t a;\n"),), "safe"), Fix((Edit(0, 0, b"int b;\n"),), "safe")]

    monkeypatch.setitem(FILE_REGISTRY, "dtk", [grow])
    assert not rewrite(HEAD + "int r = cudaFree(p);\n", "dtk").converged


def test_enum_tag_of_an_error(becomes):
    becomes(
        "#include <mc_runtime.h>\nenum cudaError a; cudaError b;\n",
        "#include <mc_runtime.h>\nmcError_t a; mcError_t b;\n",
        "maca",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("__shfl_xor_sync(m, v, 1)", "__shfl_xor(v, 1)"),
        ("__shfl_down_sync(m, v, 1, 16)", "__shfl_down(v, 1, 16)"),
        ("__any_sync(m, p)", "__any(p)"),
    ],
)
def test_masks_are_dropped_only_when_asked(before, after, becomes, stays):
    text = HEAD + "__global__ void k() {{ int r = {}; }}\n"
    stays(text.format(before), "dtk")
    becomes(text.format(before), text.format(after), "dtk", unsafe=True)
