"""What clang resolves in CUDA sources: the truth that detection.py measures the scanner against.

One call of `extract` parses a translation unit once for the host and once for the device and unites the two. A
reference counts when its token is spelled in the file under test (or in a local header) and its declaration or macro
definition stands in a CUDA header. References to anything else are kept too: they say where a report would be wrong.
Needs libclang and its Python bindings of the same version (`pip install clang==19.*` beside Debian's libclang1-19).
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from detection_text import Texts

#: Categories that are counted, in the order they are printed.
CATEGORIES = ("api", "device", "device-math", "member", "library", "launch")

#: Names that look like CUDA's; what a regex would report.
LOOK_ALIKE = re.compile(
    r"(?:cuda[A-Z_]\w*|cu[A-Z]\w*|CU_\w+|CUDA_?\w+|CUDART_\w+"
    r"|(?:cublas|cufft|curand|cusparse|cusolver|cudnn|cutensor|nccl|nvml|nvrtc|cupti|nvtx|nvjpeg|npp)\w*"
    r"|(?:CUBLAS|CUFFT|CURAND|CUSPARSE|CUSOLVER|CUDNN|NCCL|NVML|NVRTC|CUPTI)_\w+)\Z"
)

_LIBRARY_HEADER = re.compile(
    r"(?:thrust|cub|cuda|nv|cooperative_groups)/|cooperative_groups\.h|(?:crt/)?mma\.(?:h|hpp)\Z"
)
_DEVICE_HEADER = re.compile(
    r"crt/|__clang_cuda|cuda_wrappers/|(?:common|device|math|vector|surface|texture)_|device_launch_parameters"
    r"|host_defines|builtin_types|sm_\d+_|cuda_(?:fp\d+|bf16|pipeline|awbarrier|surface|texture)|vector_types|nv_"
)
_MATH_HEADER = re.compile(
    r"(?:crt/)?math_functions|__clang_cuda_(?:c?math|libdevice|device_functions)|cuda_wrappers/|crt/common_functions"
)
_COMPONENT_HEADER = re.compile(
    r"vector_types|cuComplex|cuda_fp\d+|cuda_bf16|__clang_cuda_builtin_vars|device_launch_parameters|crt/"
)
_BUILT_IN_MACRO = re.compile(r"__(?:CUDA|NV|CUDACC)\w*\Z")
_BUILT_IN_VARIABLES = {"threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize"}
_THIRD_PARTY = {"third_party", "3rdparty", "cutlass", "external", "external_libs", "submodules", "vendored"}
_FUNCTIONS = {"FUNCTION_DECL", "FUNCTION_TEMPLATE", "CXX_METHOD", "CONSTRUCTOR", "CONVERSION_FUNCTION"}
_DECLARATIONS = {*_FUNCTIONS, "CLASS_TEMPLATE", "NAMESPACE", "MACRO_DEFINITION"}
_RECORDS = {"STRUCT_DECL", "CLASS_DECL", "UNION_DECL", "CLASS_TEMPLATE", "CLASS_TEMPLATE_PARTIAL_SPECIALIZATION"}
_REFERENCES = {
    "DECL_REF_EXPR", "MEMBER_REF_EXPR", "TYPE_REF", "TEMPLATE_REF", "NAMESPACE_REF", "OVERLOADED_DECL_REF",
    "MEMBER_REF", "MACRO_INSTANTIATION",
}  # fmt: skip
_MISSING = re.compile(r"fatal error: '([^']+)' file not found")
_INCLUDE_TORCH = re.compile(rb"#\s*include\s*[<\"](?:torch|ATen|c10)/")


class Reference(NamedTuple):
    """One resolved token; line and column are 1-based, the column counts characters."""

    line: int
    column: int
    name: str
    # One of CATEGORIES, "inner" (members of C++ library classes), or an origin: project, other, system, system-device.
    category: str
    detail: str  # owner of a member, header of the declaration
    starts: tuple[tuple[int, int], ...] = ()  # further places where a report of this use may stand


@dataclass(frozen=True)
class Toolchain:
    """Where clang, libclang and the headers are."""

    clang: str
    cuda: Path
    libclang: str
    resource: str
    includes: tuple[str, ...] = ()  # folders of other libraries' headers (torch …)
    arguments: tuple[str, ...] = ()
    stubs: Path = Path("stubs")  # empty files for headers that are nowhere to be found


@dataclass
class FileTruth:
    """Everything clang said about one file."""

    path: str
    digest: str
    main: bool = False
    errors: int = 0
    messages: list[str] = field(default_factory=list)
    found: dict[tuple[int, int], Reference] = field(default_factory=dict)


def toolchain(clang: str, cuda: Path, libclang: str = "", **rest: Any) -> Toolchain:
    """Finds clang's resource folder and the libclang beside it."""
    resource = subprocess.run([clang, "-print-resource-dir"], check=True, capture_output=True, text=True).stdout.strip()
    if not libclang:
        beside = sorted(Path(resource).parents[1].glob("libclang*.so*"))
        usable = [path for path in beside if re.match(r"libclang(?:-\d+)?\.so", path.name)]
        libclang = str(usable[0]) if usable else ""
    return Toolchain(clang, cuda.resolve(), libclang, resource, **rest)


def needs_torch(path: Path, root: Path) -> bool:
    """Whether the file or its project's build uses PyTorch, whose headers are worth parsing once for several files."""
    if _INCLUDE_TORCH.search(path.read_bytes()):
        return True
    builds = [root / name for name in ("setup.py", "pyproject.toml")]
    return any(b"torch" in build.read_bytes() for build in builds if build.is_file())


class Extractor:
    """Parses translation units and collects references; holds the text of every file it met."""

    def __init__(self, tools: Toolchain, headers: bool = True) -> None:
        self.tools = tools
        self.headers = headers
        self.cindex: Any = importlib.import_module("clang.cindex")
        if tools.libclang and not self.cindex.Config.loaded:
            self.cindex.Config.set_library_file(tools.libclang)
        self.index = self.cindex.Index.create(excludeDecls=True)
        self.lib = self.cindex.conf.lib
        self.texts = Texts()
        self.files: dict[str, FileTruth] = {}
        self._mains: set[str] = set()
        self._roots: tuple[str, ...] = ()
        self._own: dict[str, bool] = {}
        self._device = False
        self._vendor: tuple[str, ...] = tuple(
            f"{os.path.realpath(folder)}/" for folder in (str(tools.cuda), tools.resource, *tools.includes)
        )

    # -- one translation unit ------------------------------------------------------------------------------------------

    def extract(self, paths: list[Path], roots: list[Path], standard: str) -> None:
        """Adds what clang resolves in one translation unit that includes *paths*, and in local headers under *roots*.

        Several files in one unit share the cost of heavy headers; where two of them define the same name clang says so
        and goes on.
        """
        self._roots = tuple(f"{root.resolve()}/" for root in roots)
        self._own = {}
        mains = [str(path.resolve()) for path in paths]
        self._mains = set(mains)
        arguments = self._arguments(paths, standard)
        for path in paths:
            for extra in self._missing_includes(path.resolve(), arguments):
                if extra not in arguments:
                    arguments.append(extra)
        text = "".join(f'#include "{main}"\n' for main in mains)
        for side in ("host", "device"):
            unit = self.index.parse(
                "group.cu",
                args=["-x", "cuda", *arguments, f"--cuda-{side}-only"],
                unsaved_files=[("group.cu", text)],
                options=0x01 | 0x200,  # DetailedPreprocessingRecord, KeepGoing
            )
            for problem in unit.diagnostics:
                place = problem.location.file
                name = "" if place is None else str(place.name)
                if problem.severity >= 3 and name and self._is_own(name):
                    truth = self._file(os.path.realpath(name))
                    truth.errors += 1
                    truth.messages.append(f"{side} {problem.location.line}: {problem.spelling}")
            self._walk(unit)
        for main in mains:
            self._file(main).main = True
        for file, truth in self.files.items():
            for name, offset in self.texts.predefined(file):
                line, column = self.texts.line_column(file, offset)
                truth.found[line, column] = Reference(line, column, name, "device", "predefined")

    def _arguments(self, paths: list[Path], standard: str) -> list[str]:
        tools = self.tools
        arguments = [
            f"--cuda-path={tools.cuda}", "--cuda-gpu-arch=sm_80", "-nocudalib", f"-std={standard}",
            "-resource-dir", tools.resource, "-Xclang", "-target-sdk-version=12.5", "-ferror-limit=0", "-w",
            "-DTORCH_EXTENSION_NAME=x", "-DUSE_CUDA=1", *tools.arguments,
        ]  # fmt: skip
        for include in tools.includes:
            arguments += ["-isystem", include]
        return arguments + sorted({f"-I{path.resolve().parent}" for path in paths}) + [f"-isystem{tools.stubs}"]

    def _missing_includes(self, path: Path, arguments: list[str]) -> list[str]:
        """Include folders, found in the project or made up as empty stubs, until every header is there."""
        extra: list[str] = []
        known = {""}
        for _ in range(40):
            command = [self.tools.clang, "-x", "cuda", *extra, *arguments, "--cuda-host-only", "-M", "-MF", os.devnull]
            command.append(str(path))
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            missing = _MISSING.search(done.stderr)
            if not missing:
                break
            name = missing.group(1)
            folder = self._find_header(name, str(path))
            if folder not in known:
                known.add(folder)
                extra.insert(0, f"-I{folder}")
                continue
            stub = self.tools.stubs / name.replace("../", "")
            if stub.exists():
                break
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.touch()
        return extra

    def _find_header(self, name: str, path: str) -> str:
        """The folder of the project from which *name* can be included, nearest to *path*; "" when there is none."""
        root = max((root for root in self._roots if path.startswith(root)), key=len, default="")
        tail = "/" + name.replace("../", "")
        if not root:
            return ""
        hits = [str(hit) for hit in Path(root).rglob(tail.rsplit("/", 1)[-1]) if str(hit).endswith(tail)]
        if not hits:
            return ""
        best = min(hits, key=lambda hit: (-len(os.path.commonpath([hit, path])), len(hit)))
        # "../a/b.h" is looked up from a folder beside `a`.
        up = name.count("../")
        return best[: -len(tail)] if not up else str(Path(best[: -len(tail)]) / "/".join(["include"] * up))

    # -- walking -------------------------------------------------------------------------------------------------------

    def _walk(self, unit: Any) -> None:
        stack = []
        for cursor in unit.cursor.get_children():
            place = cursor.location.file
            if place is not None and self._is_own(place.name):
                stack.append((cursor, False))
        while stack:
            cursor, device = stack.pop()
            children = list(cursor.get_children())
            if cursor.kind.name in _FUNCTIONS:
                device = any(child.kind.name in ("CUDADEVICE_ATTR", "CUDAGLOBAL_ATTR") for child in children)
            self._device = device
            stack.extend((child, device) for child in children)
            self._visit(cursor)

    def _visit(self, cursor: Any) -> None:
        kind = cursor.kind.name
        if kind in _REFERENCES:
            target = cursor.referenced
            if target is not None and target.kind.name == "OVERLOADED_DECL_REF":
                # None: not visible yet, found by argument-dependent look-up when the template is used.
                some = self.lib.clang_getNumOverloadedDecls(target)
                target = self.lib.clang_getOverloadedDecl(target, 0) if some else None
            if target is not None:
                self._reference(cursor, target, kind)
            elif kind == "MACRO_INSTANTIATION":
                self._macro_without_definition(cursor)
        elif cursor.spelling and (kind in _DECLARATIONS or kind.endswith("_DECL")):
            self._add(cursor, cursor.spelling, "project", "declared here")

    def _macro_without_definition(self, cursor: Any) -> None:
        if _BUILT_IN_MACRO.match(cursor.spelling):
            self._add(cursor, cursor.spelling, "device", "predefined")

    def _reference(self, cursor: Any, target: Any, kind: str) -> None:
        name = target.spelling
        place = target.location.file
        header = place.name if place is not None else ""
        first = target.canonical
        if header and self._is_own(header) and first is not None and first.location.file is not None:
            # A project may repeat a declaration of CUDA's: `using cudaStream_t = struct CUstream_st*;`.
            header = first.location.file.name
        if name in ("__cudaPushCallConfiguration", "cudaConfigureCall", "hipConfigureCall"):
            self._add(cursor, "<<<", "launch", "")
            return
        if not name:
            return
        origin, relative = self._origin(header)
        if name in _BUILT_IN_VARIABLES and origin == "cuda":
            relative = "crt/builtin"
        if not header and (name.startswith(("__syncthreads", "__nvvm", "__CUDA", "__NV"))):
            origin, relative = "cuda", "crt/builtin"
        if kind == "NAMESPACE_REF" and name == "std":
            return
        if origin == "cuda" or (kind == "MACRO_INSTANTIATION" and not header and _BUILT_IN_MACRO.match(name)):
            category, detail = self._category(target, name, relative or "crt/predefined")
            if category == "component":
                return
            if kind == "NAMESPACE_REF":
                detail = "namespace"
            self._add(cursor, name, category, detail)
        else:
            self._add(cursor, name, "system-device" if origin == "system" and self._device else origin, relative)

    def _category(self, target: Any, name: str, relative: str) -> tuple[str, str]:
        kind = target.kind.name
        parent = target.semantic_parent
        outer = parent
        while outer is not None and outer.kind.name == "ENUM_DECL":
            outer = outer.semantic_parent
        in_class = outer is not None and outer.kind.name in _RECORDS
        if _LIBRARY_HEADER.match(relative):
            return ("inner" if in_class else "library"), relative
        if in_class and kind != "ENUM_CONSTANT_DECL" and kind not in _RECORDS:
            if _COMPONENT_HEADER.match(relative) or kind != "FIELD_DECL":
                return "component", ""
            return "member", self._owner(parent)
        if name.startswith("__"):
            return "device", relative
        if _MATH_HEADER.match(relative) and not name.startswith("_") and kind != "MACRO_DEFINITION":
            return "device-math", relative
        if _DEVICE_HEADER.match(relative) and not re.match(r"(?:make_)?cuda[A-Z]|CUDA", name):
            return "device", relative
        return "api", relative

    def _owner(self, record: Any) -> str:
        names = []
        while record is not None and record.kind.name in ("STRUCT_DECL", "UNION_DECL", "CLASS_DECL"):
            if record.spelling and "(" not in record.spelling:
                names.append(record.spelling)
            record = record.semantic_parent
        return names[-1] if names else ""

    # -- places --------------------------------------------------------------------------------------------------------

    def _add(self, cursor: Any, name: str, category: str, detail: str) -> None:
        place = self._place(cursor, name)
        if place is None:
            return
        path, offset = place
        line, column = self.texts.line_column(path, offset)
        truth = self._file(path)
        old = truth.found.get((line, column))
        # Either side's answer counts as CUDA when the other one saw a host function, a declaration, or nothing.
        if old is not None and (old.category in CATEGORIES or category not in (*CATEGORIES, "inner")):
            return
        starts: tuple[tuple[int, int], ...] = ()
        if category == "launch":
            starts = self.texts.callee_starts(path, offset)
        elif category in ("library", "api", "device", "device-math", "inner"):
            first = self.texts.qualified_start(path, offset)
            after = self.texts.text(path)[offset + len(name) : offset + len(name) + 40]
            if category == "library" and detail == "namespace" and re.match(rb"\s*::", after):
                return  # part of a longer name, which is an entry of its own
            if first != offset:
                starts = (self.texts.line_column(path, first),)
        truth.found[line, column] = Reference(line, column, name, category, detail, starts)

    def _place(self, cursor: Any, name: str) -> tuple[str, int] | None:
        """File and offset of the token as written: in the code, in a macro's argument, or in a local macro's body."""
        location = cursor.location
        wanted = name.encode()
        for locate in (self.lib.clang_getFileLocation, self.lib.clang_getSpellingLocation):
            found = self._locate(locate, location)
            if found is None or not self._is_own(found[0]):
                continue
            path = os.path.realpath(found[0])
            if self.texts.token(path, found[1], wanted):
                return path, found[1]
        return None

    def _locate(self, function: Any, location: Any) -> tuple[str, int] | None:
        file, line, column, offset = ctypes.c_void_p(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint()
        function.argtypes = None
        function.restype = None
        function(location, ctypes.byref(file), ctypes.byref(line), ctypes.byref(column), ctypes.byref(offset))
        if not file.value:
            return None
        handle = ctypes.cast(file, self.cindex.c_object_p)
        name = self.cindex.File(handle).name
        return (name, offset.value) if name else None

    # -- files ---------------------------------------------------------------------------------------------------------

    def _file(self, path: str) -> FileTruth:
        if path not in self.files:
            self.files[path] = FileTruth(path, hashlib.sha256(self.texts.text(path)).hexdigest())
        return self.files[path]

    def _is_own(self, name: str) -> bool:
        """Whether *name* is a file under test or a header of its project that is not a vendored library."""
        answer = self._own.get(name)
        if answer is None:
            path = os.path.realpath(name)
            answer = path in self._mains
            if not answer and self.headers and not path.startswith(self._vendor):
                root = next((root for root in self._roots if path.startswith(root)), "")
                parts = set(path[len(root) :].split("/")[:-1])
                answer = bool(root) and not (parts & _THIRD_PARTY)
            self._own[name] = answer
        return answer

    def _origin(self, header: str) -> tuple[str, str]:
        """Whose declaration it is (cuda, project, system, other) and the header's path inside its include folder."""
        if not header:
            return "system", ""
        path = os.path.realpath(header)
        include = f"{self.tools.cuda}/include/"
        if path.startswith(include):
            return "cuda", path[len(include) :]
        if path.startswith(os.path.realpath(self.tools.resource)):
            base = path.split("/include/", 1)[-1]
            return ("cuda", base) if base.startswith("__clang_cuda") else ("system", base)
        for folder in self.tools.includes:
            if path.startswith(os.path.realpath(folder) + "/"):
                return "other", path[len(os.path.realpath(folder)) + 1 :]
        for root in self._roots:
            if path.startswith(root):
                return "project", path[len(root) :]
        return "system", path
