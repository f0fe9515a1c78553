#include <cuda_runtime.h>
__global__ void leaves(float *x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;  // hazard: early-return
  __syncthreads();
  x[i] = 1;
}
__global__ void whole_block(float *x, int n) {
  if (blockIdx.x >= n) return;
  __syncthreads();
  x[threadIdx.x] = 1;
}
__global__ void last(float *x, int n) {
  __syncthreads();
  if (threadIdx.x >= n) return;
  x[threadIdx.x] = 1;
}
__global__ void branch(float *x) {
  if (threadIdx.x < 7) {
    x[0] = 1;
    __syncthreads();  // hazard: branch
  }
}
__global__ void uniform(float *x, int n) {
  if (n < 7) {
    __syncthreads();
  }
  x[threadIdx.x] = 1;
}
