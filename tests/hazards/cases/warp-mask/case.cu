#include <cuda_runtime.h>
#define FULL_MASK 0xffffffff  // hazard: constant
#define COLOR_MASK_BITS 0xffffffff
const unsigned kAll = 0xFFFFFFFFu;  // hazard: constant
#define ALL_LANES 0xffffffffffffffffULL
__global__ void kernel(float *x, unsigned group) {
  float v = x[threadIdx.x];
  v += __shfl_xor_sync(0xffffffff, v, 1);  // hazard: mask
  v += __shfl_xor_sync(FULL_MASK, v, 1);
  v += __shfl_xor_sync(kAll, v, 2);
  v += __shfl_xor_sync(ALL_LANES, v, 2);
  v += __shfl_xor_sync(group, v, 4);
  v += __shfl_xor_sync(-1, v, 4);
  WARP_SYNC(0xffffffff);  // hazard: mask
  __syncwarp(0xffff);  // hazard: mask
  x[threadIdx.x] = v + (group & 0xffffffff);
}
using Sum = decltype(__reduce_add_sync(0xffffffff, 1));
