#include <cuda_runtime.h>
#define FULL 0xffffffff
__global__ void kernel(float *x, unsigned group) {
  float v = __shfl_sync(0x0000ffff, x[0], 0);  // hazard: sync-mask
  v += __shfl_sync(group, x[0], 0);
  unsigned some = __ballot_sync(FULL, v > 0);
  v += __shfl_sync(some, x[0], 0);  // hazard: sync-mask
  v += __shfl_sync(some & 0xff, x[0], 0);  // hazard: sync-mask
  v += __shfl_sync(FULL, x[0], 0);
  v += __shfl_sync(0xffffffff, x[0], 0);
  x[0] = v;
}
