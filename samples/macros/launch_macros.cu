// What the preprocessor hides: launches inside macros, names pasted together, a header named by a macro, functions
// of the driver looked up by name, code that is switched off, and a name that no release of CUDA has.
#include <cstdio>
#include <cstring>

#include <dlfcn.h>

#include <cuda.h>  // want: cuda.h include
#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

#ifndef PROFILER_HEADER
#define PROFILER_HEADER <cuda_profiler_api.h>  // want: cuda_profiler_api.h include
#endif
#include PROFILER_HEADER

#if CUDA_VERSION >= 12000 && CUDART_VERSION >= 12000  // want: CUDA_VERSION macro, CUDART_VERSION macro
#define HAVE_LAZY_LOADING 1  // none
#else
#define HAVE_LAZY_LOADING 0
#endif

// One launch for every kernel of this file.
#define LAUNCH(kernel, count, ...) \
  do { \
    kernel<<<((count) + 255) / 256, 256>>>(__VA_ARGS__);  /* want: kernel launch */ \
    CHECK_CUDA(cudaGetLastError());  /* want: cudaGetLastError call */ \
  } while (0)

// Declares a kernel that applies an expression to every element.
#define ELEMENTWISE(name, expression) \
  __global__ void name(float* data, int count) {  /* want: __global__ qualifier */ \
    const int i = blockIdx.x * blockDim.x + threadIdx.x;  /* want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable */ \
    if (i < count) { \
      const float x = data[i];  /* none */ \
      data[i] = (expression); \
    } \
  }

ELEMENTWISE(square, x* x)  // none
ELEMENTWISE(softplus, log1pf(expf(x)))

#define RUN_SQUARE(data, count) square<<<(count) / 256, 256>>>((data), (count))  /* want: square launch */

// The text of a driver error: the enumerators are pasted together.
#define RESULT_CASE(name) case CUDA_##name: return #name  /* want: CUDA_##name pasted */

static const char* resultName(CUresult result) {  // want: CUresult type
  switch (result) {
    RESULT_CASE(SUCCESS);  // none
    RESULT_CASE(ERROR_INVALID_VALUE);  // none
    RESULT_CASE(ERROR_NOT_INITIALIZED);  // none
    case CUDA_ERROR_OUT_OF_MEMORY: return "out of memory";  // want: CUDA_ERROR_OUT_OF_MEMORY constant
    default: return "another error";
  }
}

// The functions of the driver that this program looks up, so that it starts without one.
#define DRIVER_FUNCTIONS(X) X(cuInit) X(cuDeviceGetCount)  /* want: cuInit function, cuDeviceGetCount function */
#define DECLARE(name) decltype(&name) find_##name;
#define LOAD(name) table.find_##name = reinterpret_cast<decltype(&name)>(dlsym(library, #name));

struct DriverTable {
  DRIVER_FUNCTIONS(DECLARE)  // none
  decltype(&cuDriverGetVersion) version;  // want: cuDriverGetVersion function
};

static bool loadDriver(DriverTable& table) {
  void* library = dlopen("libcuda.so.1", RTLD_NOW);  // none
  if (!library) {
    std::printf("cannot look up cuInit: no libcuda.so.1\n");  // none
    return false;
  }
  DRIVER_FUNCTIONS(LOAD)  // none
  table.version = reinterpret_cast<decltype(&cuDriverGetVersion)>(dlsym(library, "cuDriverGetVersion"));  // want: cuDriverGetVersion function, cuDriverGetVersion string
  return table.version != nullptr && dlsym(library, "cuMemCreate") != nullptr;  // want: cuMemCreate string
}

// User names that look like CUDA's.
static int cudaHelperCalls = 0;  // none
static void cudaHelper(const char* cudaMessage) {  // none
  ++cudaHelperCalls;  // none
  std::printf("cudaHelper %d: %s\n", cudaHelperCalls, cudaMessage);  // none
}

int main() {
  DriverTable driver = {};
  int version = 0;
  if (loadDriver(driver)) {
    driver.version(&version);  // none
  }
  cudaHelper(HAVE_LAZY_LOADING ? "lazy loading" : "eager loading");  // none

  const int count = 1 << 16;
  float* data = nullptr;
  CHECK_CUDA(cudaMalloc(&data, count * sizeof(float)));  // want: cudaMalloc call
  CHECK_CUDA(cudaMemset(data, 0, count * sizeof(float)));  // want: cudaMemset call
  CHECK_CUDA(cudaProfilerStart());  // want: cudaProfilerStart call
  LAUNCH(softplus, count, data, count);  // none
  RUN_SQUARE(data, count);  // none
  CHECK_CUDA(cudaProfilerStop());  // want: cudaProfilerStop call

#if 0  // An interface that was never released.
  CHECK_CUDA(cudaFooBarExperimental(data, count));  // want: cudaFooBarExperimental call
  CHECK_CUDA(cudaThreadSynchronize());  // want: cudaThreadSynchronize call
#endif

  float first = 0.0f;
  CHECK_CUDA(cudaMemcpy(&first, data, sizeof(float), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant
  std::printf("driver %d, %s, log(2)^2 = %.6f\n", version, resultName(CUDA_SUCCESS), first);  // want: CUDA_SUCCESS constant
  return cudaFree(data) == cudaSuccess ? 0 : 1;  // want: cudaFree call, cudaSuccess constant
}
