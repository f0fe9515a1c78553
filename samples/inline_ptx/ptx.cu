// Inline PTX as libraries use it: asynchronous copies to shared memory, special registers, bit fields, cached loads.
// The newer instructions have a fallback in plain CUDA C++ under an architecture guard, the older ones have not.
#include <cstdint>
#include <cstdio>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

constexpr int kBlock = 128;

__device__ __forceinline__ unsigned laneId() {  // want: __device__ qualifier, __forceinline__ qualifier
  unsigned lane;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));  // want: mov.u32 ptx
  return lane;
}

__device__ __forceinline__ uint32_t bitField(uint32_t word, uint32_t start, uint32_t length) {  // want: __device__ qualifier, __forceinline__ qualifier
  uint32_t field;
  asm("bfe.u32 %0, %1, %2, %3;" : "=r"(field) : "r"(word), "r"(start), "r"(length));  // want: bfe.u32 ptx
  return field;
}

// A load through the read-only cache that does not stay in L1.
__device__ float4 loadOnce(const float4* address) {  // want: __device__ qualifier, float4 type
  float4 value;  // want: float4 type
  asm volatile("ld.global.nc.L1::no_allocate.v4.f32 {%0, %1, %2, %3}, [%4];"  // want: ld.global.nc.L1::no_allocate.v4.f32 ptx
               : "=f"(value.x), "=f"(value.y), "=f"(value.z), "=f"(value.w)
               : "l"(address));
  return value;
}

// Copies 16 bytes from global to shared memory without passing through registers, where the chip can.
__device__ void copyAsync(void* shared, const void* global) {  // want: __device__ qualifier
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800  // want: __CUDA_ARCH__ macro
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));  // want: __cvta_generic_to_shared call
  asm volatile("cp.async.ca.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global) : "memory");  // want: cp.async.ca.shared.global ptx
#else
  *static_cast<float4*>(shared) = *static_cast<const float4*>(global);  // want: float4 type
#endif
}

__device__ void waitForCopies() {  // want: __device__ qualifier
#if __CUDA_ARCH__ >= 800  // want: __CUDA_ARCH__ macro
  asm volatile("cp.async.commit_group;\n" ::);  // want: cp.async.commit_group ptx
  asm volatile("cp.async.wait_group 0;\n" ::: "memory");  // want: cp.async.wait_group ptx
#endif
}

__device__ void addRelease(unsigned* counter, unsigned amount) {  // want: __device__ qualifier
#if __CUDA_ARCH__ >= 700  // want: __CUDA_ARCH__ macro
  asm volatile("red.release.gpu.global.add.u32 [%0], %1;" ::"l"(counter), "r"(amount) : "memory");  // want: red.release.gpu.global.add.u32 ptx
#else
  __threadfence();  // want: __threadfence call
  atomicAdd(counter, amount);  // want: atomicAdd call
#endif
}

__global__ void scaleStaged(const float4* input, float4* output, float factor, unsigned* finished) {  // want: __global__ qualifier, float4 type
  __shared__ __align__(16) float4 stage[kBlock];  // want: __shared__ qualifier, __align__ qualifier, float4 type
  const int i = blockIdx.x * kBlock + threadIdx.x;  // want: blockIdx.x variable, threadIdx.x variable
  copyAsync(&stage[threadIdx.x], &input[i]);  // want: threadIdx.x variable
  waitForCopies();  // none
  __syncthreads();  // want: __syncthreads call

  const float4 value = stage[threadIdx.x];  // want: float4 type, threadIdx.x variable
  const float4 again = loadOnce(&input[i]);  // want: float4 type
  output[i] = make_float4(value.x * factor, value.y * factor, again.z * factor, again.w * factor);
  if (laneId() == 0) {  // none
    addRelease(finished, bitField(0xab20u, 4, 2) / 2);  // none
  }
}

// The host waits politely; this instruction belongs to the host's processor and is no PTX.
static void relax() {
#if defined(__x86_64__)
  asm volatile("pause");  // none
#endif
}

int main() {
  const int blocks = 64, count = blocks * kBlock;
  float4 *input = nullptr, *output = nullptr;  // want: float4 type
  unsigned* finished = nullptr;
  CHECK_CUDA(cudaMallocManaged(&input, count * sizeof(float4)));  // want: cudaMallocManaged call, float4 type
  CHECK_CUDA(cudaMallocManaged(&output, count * sizeof(float4)));  // want: cudaMallocManaged call, float4 type
  CHECK_CUDA(cudaMallocManaged(&finished, sizeof(unsigned)));  // want: cudaMallocManaged call
  for (int i = 0; i < count; ++i) {
    input[i] = make_float4(i, i + 1, i + 2, i + 3);  // want: make_float4 call
  }
  *finished = 0;

  cudaEvent_t done;  // want: cudaEvent_t type
  CHECK_CUDA(cudaEventCreateWithFlags(&done, cudaEventDisableTiming | cudaEventBlockingSync));  // want: cudaEventCreateWithFlags call, cudaEventDisableTiming macro, cudaEventBlockingSync macro
  scaleStaged<<<blocks, kBlock>>>(input, output, 2.0f, finished);  // want: scaleStaged launch
  CHECK_CUDA(cudaEventRecord(done));  // want: cudaEventRecord call
  while (cudaEventQuery(done) == cudaErrorNotReady) {  // want: cudaEventQuery call, cudaErrorNotReady constant
    relax();  // none
  }

  std::printf("asm volatile(\"mov.u32\") found %u warps, last value %.1f\n", *finished, output[count - 1].w);
  CHECK_CUDA(cudaEventDestroy(done));  // want: cudaEventDestroy call
  CHECK_CUDA(cudaFree(finished));
  CHECK_CUDA(cudaFree(output));
  CHECK_CUDA(cudaFree(input));
  return 0;
}
