// Sum of an array in three ways: warp shuffles, a block reduction of CUB, and CUB's device-wide sum.
// The shuffle version is written for 32 lanes, as most CUDA code is: the mask, the 31 and the 16 all assume it.
#include <cmath>
#include <cstdio>
#include <vector>

#include <cuda_runtime.h>  // want: cuda_runtime.h include
#include <cub/cub.cuh>  // want: cub/cub.cuh include

#include "../common/check.cuh"  // none

constexpr unsigned kFullMask = 0xffffffffu;
constexpr int kBlock = 256;

__device__ __forceinline__ float warpSum(float value) {  // want: __device__ qualifier, __forceinline__ qualifier
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2) {  // none
    value += __shfl_down_sync(kFullMask, value, offset);  // want: __shfl_down_sync call
  }
  return value;
}

// Every thread ends with the sum of its warp, whatever the width of a warp is.
__device__ float warpSumEverywhere(float value) {  // want: __device__ qualifier
  for (int lanes = warpSize / 2; lanes > 0; lanes >>= 1) {  // want: warpSize variable
    value += __shfl_xor_sync(kFullMask, value, lanes);  // want: __shfl_xor_sync call
  }
  return value;
}

__global__ __launch_bounds__(kBlock) void sumShuffle(const float* input, float* total, int count) {  // want: __global__ qualifier, __launch_bounds__ qualifier
  __shared__ float partial[kBlock / 32];  // want: __shared__ qualifier
  const int lane = threadIdx.x & 31;  // want: threadIdx.x variable
  const int warp = threadIdx.x >> 5;  // want: threadIdx.x variable

  float value = 0.0f;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += blockDim.x * gridDim.x) {  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable, gridDim.x variable
    value += __ldg(&input[i]);  // want: __ldg call
  }
  value = warpSum(value);  // none
  if (lane == 0) {
    partial[warp] = value;
  }
  __syncthreads();  // want: __syncthreads call
  if (warp == 0) {
    value = lane < kBlock / 32 ? partial[lane] : 0.0f;
    value = warpSumEverywhere(value);  // none
    if (lane == 0) {
      atomicAdd(total, value);  // want: atomicAdd call
    }
  }
}

__global__ void sumBlockReduce(const float* input, float* total, int count) {  // want: __global__ qualifier
  using Reduce = cub::BlockReduce<float, kBlock>;  // want: cub::BlockReduce type
  __shared__ typename Reduce::TempStorage storage;  // want: __shared__ qualifier

  const int i = blockIdx.x * kBlock + threadIdx.x;  // want: blockIdx.x variable, threadIdx.x variable
  const float value = Reduce(storage).Sum(i < count ? input[i] : 0.0f);
  if (threadIdx.x == 0) {  // want: threadIdx.x variable
    atomicAdd(total, value);  // want: atomicAdd call
  }
}

// How many elements are positive: one ballot a warp, one atomic a warp.
__global__ void countPositive(const float* input, unsigned* positive, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned votes = __ballot_sync(kFullMask, i < count && input[i] > 0.0f);  // want: __ballot_sync call
  if ((threadIdx.x & 31) == 0) {  // want: threadIdx.x variable
    atomicAdd(positive, __popc(votes));  // want: atomicAdd call, __popc call
  }
}

static void report(const char* name, float result, double expected) {
  std::printf("%-28s %12.4f (expected %.4f)\n", name, result, expected);  // none
}

int main() {
  const int count = 1 << 22;
  std::vector<float> host(count);
  double expected = 0.0;
  for (int i = 0; i < count; ++i) {
    host[i] = std::sin(0.001f * i);  // none
    expected += host[i];
  }

  float *input = nullptr, *total = nullptr, result = 0.0f;
  unsigned *positive = nullptr, votes = 0;
  CHECK_CUDA(cudaMalloc(&input, count * sizeof(float)));  // want: cudaMalloc call
  CHECK_CUDA(cudaMalloc(&total, sizeof(float)));
  CHECK_CUDA(cudaMalloc(&positive, sizeof(unsigned)));
  CHECK_CUDA(cudaMemcpy(input, host.data(), count * sizeof(float), cudaMemcpyHostToDevice));  // want: cudaMemcpy call, cudaMemcpyHostToDevice constant

  const unsigned grid = cuda_util::divide_up(count, kBlock);  // none
  CHECK_CUDA(cudaMemset(total, 0, sizeof(float)));  // want: cudaMemset call
  sumShuffle<<<std::min(grid, 1024u), kBlock>>>(input, total, count);  // want: sumShuffle launch
  CHECK_CUDA(cudaMemcpy(&result, total, sizeof(float), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant
  report("with __shfl_down_sync", result, expected);  // none

  CHECK_CUDA(cudaMemset(total, 0, sizeof(float)));
  sumBlockReduce<<<grid, kBlock>>>(input, total, count);  // want: sumBlockReduce launch
  CHECK_CUDA(cudaMemcpy(&result, total, sizeof(float), cudaMemcpyDeviceToHost));
  report("with cub::BlockReduce", result, expected);  // none

  void* storage = nullptr;
  size_t storageBytes = 0;
  CHECK_CUDA(cub::DeviceReduce::Sum(storage, storageBytes, input, total, count));  // want: cub::DeviceReduce::Sum call
  CHECK_CUDA(cudaMalloc(&storage, storageBytes));  // want: cudaMalloc call
  CHECK_CUDA(cub::DeviceReduce::Sum(storage, storageBytes, input, total, count));  // want: cub::DeviceReduce::Sum call
  CHECK_CUDA(cudaMemcpy(&result, total, sizeof(float), cudaMemcpyDeviceToHost));
  report("with cub::DeviceReduce::Sum", result, expected);  // none

  CHECK_CUDA(cudaMemset(positive, 0, sizeof(unsigned)));
  countPositive<<<grid, kBlock>>>(input, positive, count);  // want: countPositive launch
  CHECK_CUDA(cudaMemcpy(&votes, positive, sizeof(unsigned), cudaMemcpyDeviceToHost));
  std::printf("%u of %d are positive\n", votes, count);  // none

  cudaFree(storage);  // want: cudaFree call
  cudaFree(positive);  // want: cudaFree call
  cudaFree(total);
  cudaFree(input);
  return 0;
}
