// Compiles a kernel from a string at run time with NVRTC and starts it through the driver API. No nvcc needed.
// cuCtxCreate got another argument in CUDA 13: both forms stand under their version guard.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <cuda.h>  // want: cuda.h include
#include <nvrtc.h>  // want: nvrtc.h include

static const char* kSource = R"(
extern "C" __global__ void saxpy(float a, const float* x, float* y, size_t count) {
  const size_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    y[i] = a * x[i] + y[i];
  }
}
)";

static void check(CUresult result, const char* what) {  // want: CUresult type
  if (result != CUDA_SUCCESS) {  // want: CUDA_SUCCESS constant
    const char* text = nullptr;
    cuGetErrorString(result, &text);  // want: cuGetErrorString call
    std::fprintf(stderr, "%s: %s\n", what, text ? text : "unknown error");
    std::exit(EXIT_FAILURE);
  }
}

static void check(nvrtcResult result, const char* what) {  // want: nvrtcResult type
  if (result != NVRTC_SUCCESS) {  // want: NVRTC_SUCCESS constant
    std::fprintf(stderr, "%s: %s\n", what, nvrtcGetErrorString(result));  // want: nvrtcGetErrorString call
    std::exit(EXIT_FAILURE);
  }
}

// The PTX of kSource for an architecture such as "compute_80".
static std::string compile(const std::string& architecture) {
  nvrtcProgram program;  // want: nvrtcProgram type
  check(nvrtcCreateProgram(&program, kSource, "saxpy.cu", 0, nullptr, nullptr), "start of the program");  // want: nvrtcCreateProgram call
  const std::string option = "--gpu-architecture=" + architecture;
  const char* options[] = {option.c_str(), "--std=c++17"};
  const nvrtcResult result = nvrtcCompileProgram(program, 2, options);  // want: nvrtcResult type, nvrtcCompileProgram call
  size_t size = 0;
  if (result == NVRTC_ERROR_COMPILATION) {  // want: NVRTC_ERROR_COMPILATION constant
    check(nvrtcGetProgramLogSize(program, &size), "size of the log");  // want: nvrtcGetProgramLogSize call
    std::string log(size, '\0');  // none
    check(nvrtcGetProgramLog(program, &log[0]), "text of the log");  // want: nvrtcGetProgramLog call
    std::fprintf(stderr, "nvrtcCompileProgram says:\n%s\n", log.c_str());  // none
  }
  check(result, "compilation");  // none
  check(nvrtcGetPTXSize(program, &size), "size of the PTX");  // want: nvrtcGetPTXSize call
  std::string ptx(size, '\0');
  check(nvrtcGetPTX(program, &ptx[0]), "PTX");  // want: nvrtcGetPTX call
  check(nvrtcDestroyProgram(&program), "end of the program");  // want: nvrtcDestroyProgram call
  return ptx;
}

int main() {
  CUdevice device;  // want: CUdevice type
  CUcontext context;  // want: CUcontext type
  int version = 0, major = 0, minor = 0;
  check(cuInit(0), "start of the driver");  // want: cuInit call
  check(cuDriverGetVersion(&version), "version");  // want: cuDriverGetVersion call
  check(cuDeviceGet(&device, 0), "device");  // want: cuDeviceGet call
  check(cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device), "major");  // want: cuDeviceGetAttribute call, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR constant
  check(cuDeviceGetAttribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device), "minor");  // want: cuDeviceGetAttribute call, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR constant
  std::printf("CUDA driver %d, CUDA_VERSION %d, cc %d.%d\n", version, CUDA_VERSION, major, minor);  // want: CUDA_VERSION macro
#if CUDA_VERSION >= 13000  // want: CUDA_VERSION macro
  check(cuCtxCreate(&context, nullptr, CU_CTX_SCHED_AUTO, device), "context");  // want: cuCtxCreate call, CU_CTX_SCHED_AUTO constant
#else
  check(cuCtxCreate(&context, CU_CTX_SCHED_AUTO, device), "context");  // want: cuCtxCreate call, CU_CTX_SCHED_AUTO constant
#endif

  const std::string ptx = compile("compute_" + std::to_string(major) + std::to_string(minor));
  CUmodule module;  // want: CUmodule type
  CUfunction saxpy;  // want: CUfunction type
  check(cuModuleLoadDataEx(&module, ptx.c_str(), 0, nullptr, nullptr), "module");  // want: cuModuleLoadDataEx call
  check(cuModuleGetFunction(&saxpy, module, "saxpy"), "function");  // want: cuModuleGetFunction call

  size_t count = 1 << 20;
  float a = 2.0f;
  std::vector<float> x(count, 1.0f), y(count, 3.0f);
  const size_t bytes = count * sizeof(float);
  CUdeviceptr deviceX, deviceY;  // want: CUdeviceptr type
  check(cuMemAlloc(&deviceX, bytes), "memory of x");  // want: cuMemAlloc call
  check(cuMemAlloc(&deviceY, bytes), "memory of y");  // want: cuMemAlloc call
  check(cuMemcpyHtoD(deviceX, x.data(), bytes), "copy of x");  // want: cuMemcpyHtoD call
  check(cuMemcpyHtoD(deviceY, y.data(), bytes), "copy of y");  // want: cuMemcpyHtoD call

  CUstream stream;  // want: CUstream type
  check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), "stream");  // want: cuStreamCreate call, CU_STREAM_NON_BLOCKING constant
  void* arguments[] = {&a, &deviceX, &deviceY, &count};
  const unsigned block = 256, grid = static_cast<unsigned>((count + block - 1) / block);
  check(cuLaunchKernel(saxpy, grid, 1, 1, block, 1, 1, 0, stream, arguments, nullptr), "launch");  // want: cuLaunchKernel call
  check(cuStreamSynchronize(stream), "synchronization");  // want: cuStreamSynchronize call
  check(cuMemcpyDtoH(y.data(), deviceY, bytes), "copy of the result");  // want: cuMemcpyDtoH call
  std::printf("cuLaunchKernel: y[0] = %.1f (expected 5.0)\n", y[0]);  // none

  check(cuStreamDestroy(stream), "end of the stream");  // want: cuStreamDestroy call
  check(cuMemFree(deviceX), "end of x");  // want: cuMemFree call
  check(cuMemFree(deviceY), "end of y");  // want: cuMemFree call
  check(cuModuleUnload(module), "end of the module");  // want: cuModuleUnload call
  check(cuCtxDestroy(context), "end of the context");  // want: cuCtxDestroy call
  return y[0] == 5.0f ? 0 : 1;
}
