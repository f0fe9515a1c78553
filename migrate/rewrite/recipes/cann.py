"""Recipes for CANN: copies, events, streams, queries and the device, whose calls take other arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix, Note
from migrate.rewrite.calls import split_arguments
from migrate.rewrite.recipes import recipe
from migrate.rewrite.recipes.wait import wait

if TYPE_CHECKING:
    from migrate.rewrite.calls import Call

_NULL = (b"0", b"NULL", b"nullptr")
_WORD = re.compile(rb"\w+")
#: Expressions that must not be written twice.
_EFFECT = re.compile(rb"\+\+|--|(?<![=!<>])=(?!=)")
_SET_DEVICE = re.compile(rb"\b(?:cudaSetDevice|aclrtSetDevice)\s*\(\s*([^()]*?)\s*\)")

# Directions by both names: those of a call that stays are renamed all the same.
_HOST = (b"cudaMemcpyHostToHost", b"ACL_MEMCPY_HOST_TO_HOST")
_NOT_ACROSS = (b"cudaMemcpyDeviceToDevice", b"ACL_MEMCPY_DEVICE_TO_DEVICE", b"cudaMemcpyDefault", b"ACL_MEMCPY_DEFAULT")

_UNTIMED = frozenset({b"cudaEventDisableTiming", b"CU_EVENT_DISABLE_TIMING"})
_SHARED = frozenset({b"cudaEventInterprocess", b"CU_EVENT_INTERPROCESS"})
_EVENT_FLAGS = (
    _UNTIMED
    | _SHARED
    | {b"0", b"cudaEventDefault", b"cudaEventBlockingSync", b"CU_EVENT_DEFAULT", b"CU_EVENT_BLOCKING_SYNC"}
)

_WARM_UP = Note(
    "the call was there to create the context, and device 0 is meant", "该调用只为创建上下文，且所指为设备 0"
)


def _acl(name: str) -> str:
    """`cudaMemcpyAsync` → `aclrtMemcpyAsync`; 2-D copies are spelled with a small d."""
    return "aclrt" + name.removeprefix("cuda").replace("2D", "2d")


@recipe("cann", "cudaMemcpy", "cudaMemcpyAsync", "cudaMemset", "cudaMemsetAsync")
def sized(call: Call) -> Fix | None:
    """`cudaMemcpy(d, s, n, kind)` → `aclrtMemcpy(d, n, s, n, kind)`; a blocking call waits for the device first."""
    if _EFFECT.search(call.argument(3)):
        return None
    name = call.use.shape.name
    edits = [call.rename(_acl(name)), call.insert(2, call.text(3))]
    if name.endswith("Async"):
        if "cpy" in name and call.argument(4) in _HOST:
            return None  # ACL refuses it
        full = 5 if "cpy" in name else 4
        return call.fix(*edits, *([call.insert(full, "nullptr")] if len(call.arguments) < full else ()))
    return call.fix(*edits, wait(call))


@recipe("cann", "cudaMemcpy2D", "cudaMemcpy2DAsync")
def plane(call: Call) -> Fix | None:
    """Copies of rows keep their arguments; only the directions between host and device exist."""
    kind = call.argument(7)
    if kind in _HOST or kind in _NOT_ACROSS:
        return None
    name = call.use.shape.name
    if name.endswith("Async"):
        return call.fix(call.rename(_acl(name)), *([call.insert(8, "nullptr")] if len(call.arguments) == 7 else ()))
    return call.fix(call.rename(_acl(name)), wait(call))


@recipe("cann", "cudaEventCreate", "cudaEventCreateWithFlags", "cuEventCreate")
def event(call: Call) -> Fix | None:
    """CUDA's flags say what an event does without, ACL's what it does."""
    flags = set(_WORD.findall(call.argument(2)))
    if not flags or not flags <= _EVENT_FLAGS:
        return None
    if flags & _SHARED:
        new = "ACL_EVENT_IPC"
    else:
        new = "ACL_EVENT_SYNC" if flags & _UNTIMED else "ACL_EVENT_SYNC | ACL_EVENT_TIME_LINE"
    return call.fix(call.rename("aclrtCreateEventExWithFlag"), call.replace(2, new))


@recipe("cann", "cudaStreamCreateWithFlags", "cuStreamCreate")
def stream(call: Call) -> Fix | None:
    """A stream without ties to the default stream is what ACL makes."""
    if call.argument(2) not in (b"cudaStreamNonBlocking", b"CU_STREAM_NON_BLOCKING"):
        return None
    return call.fix(call.rename("aclrtCreateStreamWithConfig"), call.replace(2, "0, 0"))


@recipe("cann", "cudaStreamWaitEvent", "cuStreamWaitEvent")
def wait_event(call: Call) -> Fix | None:
    """Drops the flags, which are 0 but in a capture: ACL's C++ overload would take a third argument as a timeout."""
    if len(call.arguments) == 3 and call.argument(3) not in (b"0", b"cudaEventWaitDefault", b"CU_EVENT_WAIT_DEFAULT"):
        return None
    return call.fix(call.rename("aclrtStreamWaitEvent"), *([call.remove(3)] if len(call.arguments) == 3 else ()))


_COMPARED = re.compile(rb"\s*(==|!=)\s*(cudaSuccess|cudaErrorNotReady|CUDA_SUCCESS|CUDA_ERROR_NOT_READY|ACL_SUCCESS)\b")


@recipe("cann", "cudaEventQuery", "cudaStreamQuery", "cuEventQuery", "cuStreamQuery")
def query(call: Call) -> Fix | None:
    """`cudaEventQuery(e) == cudaSuccess` → a comparison of the state that ACL writes through a pointer."""
    compared = _COMPARED.match(call.view, call.span.end)
    if compared is None:
        return None
    what, function = ("Event", "QueryEventStatus") if "Event" in call.use.shape.name else ("Stream", "StreamQuery")
    kind = "aclrtEventRecordedStatus" if what == "Event" else "aclrtStreamStatus"
    word = "ACL_EVENT_RECORDED_STATUS_" if what == "Event" else "ACL_STREAM_STATUS_"
    word += "COMPLETE" if b"SUCCESS" in compared[2].upper() else "NOT_READY"
    asked = f"aclrt{function}({call.text(1)}, &acl_status) == ACL_SUCCESS && acl_status == {word}"
    new = ("!" if compared[1] == b"!=" else "") + f"[&] {{ {kind} acl_status; return {asked}; }}()"
    return call.fix(Edit(call.span.start, compared.end(), new.encode("utf-8", "surrogateescape")))


@recipe("cann", "cudaDeviceReset", "cudaThreadExit")
def reset(call: Call) -> Fix | None:
    """ACL's call names the device: the one the file selects by a number."""
    devices = set(_SET_DEVICE.findall(call.view))
    if len(devices) > 1 or not all(device.isdigit() for device in devices):
        return None
    return call.fix(call.rename("aclrtResetDeviceForce"), call.insert(1, devices.pop().decode() if devices else "0"))


@recipe("cann", "cudaFree")
def free(call: Call) -> Fix | None:
    """`cudaFree(0)` creates the context; ACL refuses a null pointer and creates it by `aclrtSetDevice`."""
    if call.argument(1) not in _NULL:
        return call.fix(call.rename("aclrtFree"))
    return Fix((call.whole("aclrtSetDevice(0)"),), "unsafe", _WARM_UP)


_VARIABLE = re.compile(rb"\s+(?!\{)(?:(?!\boperator\b)[^;(){}=\[])*[=;\[{]")
_GLOBAL = Note("kernels and ACL's symbol functions alone reach the variable", "只有核函数与 ACL 的符号函数访问该变量")


@recipe("cann", "__device__")
def device(call: Call) -> Fix | None:
    """`__device__` before a function → `__aicore__`, before a variable → `__gm__`."""
    if call.use.shape.define or _VARIABLE.match(call.view, call.name.end) is None:
        return call.fix(call.rename("__aicore__"))
    return Fix((call.rename("__gm__"),), "unsafe", _GLOBAL)


_DECLARATOR = re.compile(rb"[\s*]*[A-Za-z_]")
_END = re.compile(rb"[();{}]")


@recipe("cann", "CUdeviceptr")
def pointer(call: Call) -> Fix | None:
    """`CUdeviceptr a, b;` → `void* a, *b;`: ACL has plain pointers, whose star belongs to one variable."""
    edits = [call.rename("void*")]
    end = call.name.end
    depth = 0
    while (token := _END.search(call.view, end)) is not None:
        end = token.end()
        depth += (token[0] in b"({") - (token[0] in b")}")
        if depth < 0 or (token[0] == b";" and depth == 0):
            break
    if token is not None and token[0] == b";" and _DECLARATOR.match(call.view, call.name.end):
        _, *others = split_arguments(call.view, call.name.end, token.start())
        edits += [Edit(start, start, b"*") for start, _ in others]
    return call.fix(*edits)


@recipe("cann", "cudaHostRegister")
def register(call: Call) -> Fix | None:
    """Flags of 0 mean pinned memory, which ACL wants to be told."""
    plain = [call.replace(3, "ACL_HOST_REG_PINNED")] if call.argument(3) == b"0" else []
    return call.fix(call.rename("aclrtHostRegisterV2"), *plain)
