"""Fields of CUDA's structs, found through the declarations of a file."""

from __future__ import annotations

import pytest

# Each case: what it shows, a source, and the fields that must be found, each with its struct.
PROP = "cudaDeviceProp"
CASES = {
    "several variables in one declaration": (
        "cudaDeviceProp p, q[2], *r;\nint i = p.major + q[0].minor + r->warpSize;",
        [("major", PROP), ("minor", PROP), ("warpSize", PROP)],
    ),
    "parameters": (
        (
            "void g(const cudaDeviceProp& a, cudaDeviceProp *b, int n, cudaDeviceProp c = {}) { "
            "f(a.name, b->major, n, c.minor); }"
        ),
        [("name", PROP), ("major", PROP), ("minor", PROP)],
    ),
    "through a dereference or an index": (
        "void g(cudaDeviceProp* b) { f((*b).major, b[0].name, b[i + 1].minor); }",
        [("major", PROP), ("name", PROP), ("minor", PROP)],
    ),
    "arrays, also of two dimensions": ("cudaDeviceProp v[2][3]; int i = v[0][1].minor;", [("minor", PROP)]),
    "containers and smart pointers": (
        (
            "std::vector<cudaDeviceProp> v; std::array<cudaDeviceProp, 4> a; "
            "std::unique_ptr<cudaDeviceProp> u; std::map<int, cudaDeviceProp> m;\n"
            "int i = v[0].major + a[1].minor + u->name + m.at(0).warpSize + v.back().major;"
        ),
        [("major", PROP), ("minor", PROP), ("name", PROP), ("warpSize", PROP), ("major", PROP)],
    ),
    "fields of a class, with this or another object before them": (
        "struct A { cudaDeviceProp prop_; int f() { return prop_.major + this->prop_.minor + get().prop_.name; } };",
        [("major", PROP), ("minor", PROP), ("name", PROP)],
    ),
    "aliases of the type": (
        (
            "typedef cudaDeviceProp Prop; using Prop2 = cudaDeviceProp;\n"
            "void f(Prop a, Prop2& b, struct cudaDeviceProp c) { g(a.major, b.minor, c.name); }"
        ),
        [("major", PROP), ("minor", PROP), ("name", PROP)],
    ),
    "auto from PyTorch": (
        (
            "auto p = at::cuda::getCurrentDeviceProperties(); auto* q = "
            "at::cuda::getDeviceProperties(0); const auto& r = *at::cuda::getDeviceProperties(1);\n"
            "int i = p->major + q->minor + r.name + at::cuda::getCurrentDeviceProperties()->warpSize;"
        ),
        [("major", PROP), ("minor", PROP), ("name", PROP), ("warpSize", PROP)],
    ),
    "a distinctive name needs no declaration": (
        "int f(Device* d) { return d->multiProcessorCount + d->major; } cudaStream_t s;",
        [("multiProcessorCount", PROP)],
    ),
    "fields of the project's own structs": (
        "struct X { int major; }; void f(X x, cudaDeviceProp p) { g(x.major, p.major, y.major); }",
        [("major", PROP)],
    ),
    "designated initialisers": (
        "cudaExtent e = { .width = 1, .height = 2 }; cudaMemcpy3DParms q = { .extent = e, .kind = k };",
        [
            ("width", "cudaExtent"),
            ("height", "cudaExtent"),
            ("extent", "cudaMemcpy3DParms"),
            ("kind", "cudaMemcpy3DParms"),
        ],
    ),
    "a field of a field": (
        "cudaMemcpy3DParms p = {0}; void f() { p.srcPtr.pitch = 1; }",
        [("srcPtr", "cudaMemcpy3DParms"), ("pitch", "cudaPitchedPtr")],
    ),
    "structs of other libraries": ("CUDA_MEMCPY2D c; void f() { c.srcDevice = 1; }", [("srcDevice", "CUDA_MEMCPY2D")]),
    "blanks around the dot": (
        "cudaDeviceProp p; int i = p . major + p\n  .minor + p -> name;",
        [("major", PROP), ("minor", PROP), ("name", PROP)],
    ),
    "in a macro body": ("#define Q(x) do { cudaDeviceProp d; g(d.minor); } while (0)", [("minor", PROP)]),
    "a name no table knows is no member": ("cudaDeviceProp p; int i = p.notThere;", []),
    "not in text": ('cudaDeviceProp p; // p.major\nconst char* s = "p.major";', []),
}


@pytest.mark.parametrize(("source", "wanted"), CASES.values(), ids=CASES)
def test_members(uses, source, wanted):
    found = [(name, owner) for _, name, kind, owner in uses(source, "owner") if kind == "member"]
    assert found == wanted


def test_other_libraries_are_named(uses):
    assert uses("CUDA_MEMCPY2D c; void f() { c.srcDevice = 1; }", "library")[-1] == (1, "srcDevice", "member", "driver")


@pytest.mark.parametrize(
    "source",
    ["cudaDeviceProp", "cudaDeviceProp p", "cudaDeviceProp p.", "auto x = at::cuda::getDeviceProperties", "p.major"],
)
def test_cut_short(uses, source):
    assert all(kind != "member" for _, _, kind in uses(source))
