// Softmax over rows, in the state in which many ports stop: the includes and some calls are guarded for other
// stacks, a few names are mapped by macros, and the rest is still plain CUDA.
#include <cfloat>
#include <cstdio>
#include <vector>

#if defined(USE_MUSA)
#include <musa_runtime.h>  // none
#define cudaMallocHost musaMallocHost
#define cudaFreeHost musaFreeHost
#elif defined(__HIPCC__)
#include <hip/hip_runtime.h>  // none
#else
#include <cuda_runtime.h>  // want: cuda_runtime.h include
#endif

#ifdef USE_MUSA
using stream_type = musaStream_t;  // none
constexpr int kWarp = 128;
#else
using stream_type = cudaStream_t;  // want: cudaStream_t type
constexpr int kWarp = 32;
#endif

// The largest value over the lanes of a warp.
__device__ float warpMax(float value) {  // want: __device__ qualifier
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, lanes));  // want: fmaxf call, __shfl_xor_sync call
  }
  return value;
}

__device__ float warpSum(float value) {  // want: __device__ qualifier
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, lanes);  // want: __shfl_xor_sync call
  }
  return value;
}

// One warp a row.
__global__ void softmax(const float* in, float* out, int columns) {  // want: __global__ qualifier
  const float* row = in + blockIdx.x * columns;  // want: blockIdx.x variable
  float largest = -FLT_MAX;
  for (int i = threadIdx.x; i < columns; i += kWarp) {  // want: threadIdx.x variable
    largest = fmaxf(largest, row[i]);  // want: fmaxf call
  }
  largest = warpMax(largest);  // none

  float sum = 0.0f;
  for (int i = threadIdx.x; i < columns; i += kWarp) {
#if defined(__MUSA_ARCH__)
    sum += expf(row[i] - largest);
#elif __CUDA_ARCH__ >= 700  // want: __CUDA_ARCH__ macro
    sum += __expf(row[i] - largest);  // want: __expf call
#else
    sum += expf(row[i] - largest);  // want: expf call
#endif
  }
  sum = warpSum(sum);  // none
  for (int i = threadIdx.x; i < columns; i += kWarp) {
    out[blockIdx.x * columns + i] = expf(row[i] - largest) / sum;  // want: blockIdx.x variable, expf call
  }
}

static void* allocate(size_t bytes) {
  void* pointer = nullptr;
#if defined(USE_MUSA)
  musaMalloc(&pointer, bytes);  // none
#else
  cudaMalloc(&pointer, bytes);  // want: cudaMalloc call
#endif
  return pointer;
}

static void release(void* pointer) {
#ifdef USE_MUSA
  musaFree(pointer);  // none
#else
  cudaFree(pointer);  // want: cudaFree call
#endif
}

int main() {
  const int rows = 64, columns = 1000;
  const size_t bytes = size_t(rows) * columns * sizeof(float);
  float *in = static_cast<float*>(allocate(bytes)), *out = static_cast<float*>(allocate(bytes));  // none
  float* host = nullptr;
  cudaMallocHost(&host, bytes);  // want: cudaMallocHost call
  for (int i = 0; i < rows * columns; ++i) {
    host[i] = float(i % 97) * 0.01f;
  }

  stream_type stream;  // none
#if defined(USE_MUSA)
  musaStreamCreate(&stream);  // none
  musaMemcpyAsync(in, host, bytes, musaMemcpyHostToDevice, stream);  // none
#else
  cudaStreamCreate(&stream);  // want: cudaStreamCreate call
  cudaMemcpyAsync(in, host, bytes, cudaMemcpyHostToDevice, stream);  // want: cudaMemcpyAsync call, cudaMemcpyHostToDevice constant
#endif
  softmax<<<rows, kWarp, 0, stream>>>(in, out, columns);  // want: softmax launch

  // Forgotten by the port: no guard here.
  cudaMemcpyAsync(host, out, bytes, cudaMemcpyDeviceToHost, stream);  // want: cudaMemcpyAsync call, cudaMemcpyDeviceToHost constant
  if (cudaStreamSynchronize(stream) != cudaSuccess) {  // want: cudaStreamSynchronize call, cudaSuccess constant
    std::printf("cudaStreamSynchronize failed, musaStreamSynchronize would too\n");  // none
    return 1;
  }

  float sum = 0.0f;
  for (int i = 0; i < columns; ++i) {
    sum += host[i];
  }
  std::printf("first row sums to %.6f\n", sum);
  cudaStreamDestroy(stream);  // want: cudaStreamDestroy call
  cudaFreeHost(host);  // want: cudaFreeHost call
  release(in);  // none
  release(out);  // none
  return 0;
}
