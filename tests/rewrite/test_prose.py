"""API names in the text of messages follow the call; texts that are looked up, compiled or keys do not."""

import pytest

HEAD = "#include <musa_runtime.h>\nmusaError_t e;\ncudaStream_t s;\n"


@pytest.fixture
def told(rewrite):
    """What becomes of a string literal."""

    def call(literal, target="musa", **options):
        done = rewrite(f"{HEAD}void f() {{ say({literal}); }}\n", target, **options)
        assert done.converged
        return done.data.decode().partition("say(")[2].rpartition("); }")[0]

    return call


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"cudaMalloc failed"', '"musaMalloc failed"'),
        ('"cudaMalloc() failed: %s\\n"', '"musaMalloc() failed: %s\\n"'),
        ('"cudaSetDevice returned cudaErrorInvalidDevice"', '"musaSetDevice returned musaErrorInvalidDevice"'),
        ('"cudaMalloc failed: {}"', '"musaMalloc failed: {}"'),
        ('"Error in cudaMemcpy."', '"Error in musaMemcpy."'),
        ('"call cudaFree first; and check the size"', '"call musaFree first; and check the size"'),
        ('"a cudaStream_t must be given here"', '"a musaStream_t must be given here"'),
        ('"cudaMalloc failed" " in cudaFree"', '"musaMalloc failed" " in musaFree"'),
    ],
)
def test_messages(before, after, told):
    assert told(before) == after
    assert told(before, strings=False) == before
    assert told(before, style="guard") == before


@pytest.mark.parametrize(
    "text",
    [
        '"cudaMalloc"',  # may be looked up at run time
        '"cudaMalloc, cudaFree"',  # no words: a list to be read by a program
        '"lib/cudaFree.h not found"',
        '"see cudaFree.h"',
        '"cudaMallocX failed"',  # the project's own
        '"{\\"cudaMalloc\\": 5, \\"what\\": 6}"',
        '"\\"cudaMalloc\\" is a key"',
        '"cudaDeviceSynchronize();\\n"',  # what a generator writes
        '"#define cudaDeviceSynchronize() cudaSuccess\\n"',
        '"extern cudaStream_t stream"',
        '"cudaError_t status"',
        '"return cudaMalloc("',
        'R"(__global__ void k() { cudaMalloc failed } )"',
        'R"(line one\ncudaMalloc failed)"',
        '"x = cudaMalloc(a, b); // this may fail"',
    ],
)
def test_texts_that_are_no_messages(text, told):
    assert told(text) == text


def test_only_names_with_the_same_signature(told):
    """`aclrtMalloc` takes other arguments, so the call is not simply the one the message speaks of."""
    assert told('"cudaMalloc failed"', "cann") == '"cudaMalloc failed"'


def test_texts_in_device_code_stay(becomes):
    """They are part of what is compiled for the device, which a rewrite leaves as it was."""
    text = (
        HEAD + '__global__ void k() {{ if (x) {{ }} printf("cudaMalloc failed"); }}\n'
        '__device__ int d();\nvoid h() {{ printf("{} failed"); }}\n'
    )
    before = text.format("cudaMalloc").replace("cudaStream_t", "cudaStream_t")
    becomes(before, text.format("musaMalloc").replace("cudaStream_t", "musaStream_t"))


def test_another_stacks_messages_stay(rewrite):
    done = rewrite(HEAD + '#ifdef USE_ROCM\nvoid f() { say("cudaMalloc failed"); }\n#endif\n')
    assert b'"cudaMalloc failed"' in done.data
