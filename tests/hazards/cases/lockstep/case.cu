#include <cuda_runtime.h>
__global__ void reduce(float *x) {
  __shared__ volatile float s[256];
  int tid = threadIdx.x;
  s[tid] = x[tid];
  if (tid < 32) {
    s[tid] += s[tid + 32];  // hazard: reduction
    s[tid] += s[tid + 16];
    s[tid] += s[tid + 8];
  }
}
__global__ void safe(float *x) {
  __shared__ volatile float s[256];
  int tid = threadIdx.x;
  s[tid] += s[tid + 32];
  __syncthreads();
  s[tid] += s[tid + 16];
  __syncthreads();
  x[tid] = s[tid];
}
