// Vector addition, the first CUDA program everybody writes.
// Copies two arrays to the device, adds them with one thread per element, copies the sum back and compares.
// Look-alikes on purpose: a user function cudaCheck, CUDA names in log strings, commented-out calls.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

constexpr int kBlock = 256;

// This is the project's own function, whatever its name looks like.
static void cudaCheck(cudaError_t status, const char* what) {  // want: cudaError_t type
  if (status != cudaSuccess) {  // want: cudaSuccess constant
    std::fprintf(stderr, "%s failed: %s (%s)\n", what, cudaGetErrorString(status), cudaGetErrorName(status));  // want: cudaGetErrorString call, cudaGetErrorName call
    std::exit(EXIT_FAILURE);
  }
}

__global__ void vectorAdd(const float* a, const float* b, float* sum, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  if (i < count) {
    sum[i] = a[i] + b[i];  // none
  }
}

// The same with a grid-stride loop, which works for any grid.
__global__ void vectorAddStrided(const float* a, const float* b, float* sum, int count) {  // want: __global__ qualifier
  const int stride = blockDim.x * gridDim.x;  // want: blockDim.x variable, gridDim.x variable
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += stride) {  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
    sum[i] = a[i] + b[i];
  }
}

static bool matches(const std::vector<float>& sum, const std::vector<float>& a, const std::vector<float>& b) {
  for (size_t i = 0; i < sum.size(); ++i) {
    if (sum[i] != a[i] + b[i]) {
      std::printf("element %zu: %f instead of %f\n", i, sum[i], a[i] + b[i]);  // none
      return false;
    }
  }
  return true;
}

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1 << 20;
  const size_t bytes = count * sizeof(float);
  std::vector<float> a(count), b(count), sum(count);
  for (int i = 0; i < count; ++i) {
    a[i] = 0.5f * i;
    b[i] = 1.0f - i;
  }

  float *deviceA = nullptr, *deviceB = nullptr, *deviceSum = nullptr;
  cudaCheck(cudaMalloc(&deviceA, bytes), "cudaMalloc of a");  // want: cudaMalloc call
  cudaCheck(cudaMalloc(&deviceB, bytes), "cudaMalloc of b");  // want: cudaMalloc call
  cudaCheck(cudaMalloc((void**)&deviceSum, bytes), "cudaMalloc of the sum");  // want: cudaMalloc call
  cudaCheck(cudaMemcpy(deviceA, a.data(), bytes, cudaMemcpyHostToDevice), "copy of a");  // want: cudaMemcpy call, cudaMemcpyHostToDevice constant
  cudaCheck(cudaMemcpy(deviceB, b.data(), bytes, cudaMemcpyHostToDevice), "copy of b");  // want: cudaMemcpy call, cudaMemcpyHostToDevice constant

  const int grid = (count + kBlock - 1) / kBlock;  // none
  vectorAdd<<<grid, kBlock>>>(deviceA, deviceB, deviceSum, count);  // want: vectorAdd launch
  cudaCheck(cudaGetLastError(), "launch of vectorAdd<<<grid, block>>>");  // want: cudaGetLastError call
  cudaCheck(cudaDeviceSynchronize(), "wait in cudaDeviceSynchronize");  // want: cudaDeviceSynchronize call

  // cudaMemset(deviceSum, 0, bytes) would be enough here, cudaMemsetAsync too.  // none
  cudaCheck(cudaMemset(deviceSum, 0xff, bytes), "cudaMemset of the sum");  // want: cudaMemset call
  vectorAddStrided<<<32, kBlock, 0, 0>>>(deviceA, deviceB, deviceSum, count);  // want: vectorAddStrided launch
  cudaCheck(cudaPeekAtLastError(), "launch of vectorAddStrided");  // want: cudaPeekAtLastError call
  cudaCheck(cudaMemcpy(sum.data(), deviceSum, bytes, cudaMemcpyDeviceToHost), "copy of the sum");  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant

  const bool good = matches(sum, a, b);
  std::printf("cudaMemcpy copied %zu bytes: %s\n", bytes, good ? "passed" : "failed");  // none
  cudaCheck(cudaFree(deviceA), "cudaFree of a");  // want: cudaFree call
  cudaCheck(cudaFree(deviceB), "cudaFree of b");  // want: cudaFree call
  cudaCheck(cudaFree(deviceSum), "cudaFree of the sum");  // want: cudaFree call
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
