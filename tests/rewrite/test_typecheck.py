"""What is written type-checks against the vendors' public headers, where those and clang are at hand.

`MIGRATE_ACL_HEADERS`, `MIGRATE_HIP_HEADERS` and `MIGRATE_TOPS_HEADERS` name the folders with `acl/acl.h`,
`hip/hip_runtime.h` and `tops/tops_runtime_api.h` where those are not installed in their usual places.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

HEADERS = {
    "cann": ("MIGRATE_ACL_HEADERS", "acl/acl.h", ["/usr/local/Ascend/ascend-toolkit/latest/include"]),
    "dtk": ("MIGRATE_HIP_HEADERS", "hip/hip_runtime_api.h", ["/opt/rocm/include", "/opt/dtk/include", "/usr/include"]),
    "tops": ("MIGRATE_TOPS_HEADERS", "tops/tops_runtime_api.h", ["/opt/tops/include"]),
}
OPTIONS = {"dtk": ["-D__HIP_PLATFORM_AMD__"]}

HOST = """\
#include <cuda_runtime.h>
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                        \\
  do {                                                                     \\
    cudaError_t status = (call);                                           \\
    if (status != cudaSuccess) {                                           \\
      std::fprintf(stderr, "call failed: %d\\n", static_cast<int>(status)); \\
      std::exit(1);                                                        \\
    }                                                                      \\
  } while (0)

class Buffer {
 public:
  explicit Buffer(size_t bytes) : bytes_(bytes) { CHECK(cudaMalloc(&data_, bytes)); }
  ~Buffer() { cudaFree(data_); }
  void fill(const void* from, cudaStream_t stream) {
    CHECK(cudaMemcpyAsync(data_, from, bytes_, cudaMemcpyHostToDevice, stream));
  }
  void read(void* to) const { CHECK(cudaMemcpy(to, data_, bytes_, cudaMemcpyDeviceToHost)); }
  void clear() { CHECK(cudaMemset(data_, 0, bytes_)); }

 private:
  void* data_ = nullptr;
  size_t bytes_;
};

int main() {
  int count = 0;
  CHECK(cudaGetDeviceCount(&count));
  CHECK(cudaSetDevice(0));
  std::vector<float> host(1024, 1.0f);
  Buffer buffer(host.size() * sizeof(float));
  cudaStream_t stream;
  cudaEvent_t begin, end;
  CHECK(cudaStreamCreate(&stream));
  CHECK(cudaEventCreate(&begin));
  CHECK(cudaEventCreate(&end));
  CHECK(cudaEventRecord(begin, stream));
  buffer.fill(host.data(), stream);
  CHECK(cudaEventRecord(end, stream));
  CHECK(cudaEventSynchronize(end));
  float milliseconds = 0.0f;
  CHECK(cudaEventElapsedTime(&milliseconds, begin, end));
  CHECK(cudaStreamSynchronize(stream));
  buffer.clear();
  buffer.read(host.data());
  CHECK(cudaEventDestroy(begin));
  CHECK(cudaEventDestroy(end));
  CHECK(cudaStreamDestroy(stream));
  CHECK(cudaDeviceSynchronize());
  std::printf("%d %g\\n", count, milliseconds);
  return 0;
}
"""


@pytest.fixture
def check(tmp_path):
    """Type-checks a file for a target: what clang says."""
    clang = next((found for name in ("clang++", "clang++-19", "clang++-18") if (found := shutil.which(name))), None)

    def call(target, path, *options):
        variable, header, usual = HEADERS[target]
        folders = [os.environ.get(variable, ""), *usual]
        folder = next((name for name in folders if name and (Path(name) / header).is_file()), None)
        if folder is None:
            pytest.skip(f"the vendor's headers are not here: {header}; {variable} names their folder")
        if clang is None:
            pytest.skip("needs clang++ (apt-get install clang-19)")
        if target == "tops" and not (Path(folder) / "tops/tops_runtime.h").is_file():
            # The public headers are those of the codec: the runtime's interface under another name.
            (tmp_path / "stand-in/tops").mkdir(parents=True, exist_ok=True)
            (tmp_path / "stand-in/tops/tops_runtime.h").write_text("#include <tops/tops_runtime_api.h>\n")
            options = (*options, f"-I{tmp_path / 'stand-in'}")
        command = [clang, "-fsyntax-only", "-w", "-std=c++17", f"-I{folder}", *OPTIONS.get(target, ()), *options]
        return subprocess.run([*command, str(path)], capture_output=True, text=True, check=False).stderr

    return call


def run(*arguments):
    from migrate.cli import cli

    return CliRunner().invoke(cli, arguments, prog_name="migrate")


@pytest.mark.parametrize(("target", "unsafe"), [("cann", True), ("dtk", False), ("tops", False)])
def test_host_code_is_accepted(target, unsafe, tmp_path, check, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.cpp").write_text(HOST)
    done = run("rewrite", "main.cpp", "-t", target, "--out", "new.cpp", *(["--unsafe"] if unsafe else []))
    assert "cuda" not in (tmp_path / "new.cpp").read_text()
    assert ("main.cpp:" in done.stderr) == unsafe  # each unsafe edit is listed with its place
    assert check(target, tmp_path / "new.cpp") == ""


@pytest.mark.parametrize("target", ["cann", "dtk", "tops"])
def test_shim_is_accepted(target, tmp_path, check, monkeypatch):
    """The source as it is, with the shim in the place of CUDA's header."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.cpp").write_text(HOST)
    run("shim", "main.cpp", "-t", target, "-q", "-o", "gpu.h")
    (tmp_path / "forward").mkdir()
    (tmp_path / "forward/cuda_runtime.h").write_text('#include "../gpu.h"\n')
    assert check(target, tmp_path / "main.cpp", f"-I{tmp_path / 'forward'}") == ""
