#include <cuda_runtime.h>
// Numbers of 32 beside warps that are no width of one.
__global__ void kernel(float *x) {
  int lane_row = threadIdx.x & 31;  // hazard: arithmetic
  x[lane_row * 32] = 0;
  for (int step = 16; step > 0; step >>= 1) x[0] += __shfl_xor_sync(0xffffffff, x[0], step, warp_size);
}
template <int WarpShape_M> struct Tiles {
  static constexpr int M = WarpShape_M * 32;
  static constexpr int kNumWarps = 64 * 64 / (32 * 32);
  static constexpr int warp_rows = 32 * 8 / 32;
};
__global__ void plain(float *x) { x[threadIdx.x % (32 / 8)] = threadIdx.x; }
__global__ void exchange(float *x) { x[0] = __shfl_down_sync(0xffffffff, x[0], 1); }
void host(float *x) {
  plain<<<4, 32>>>(x);
  exchange<<<4, 32>>>(x);  // hazard: block
}
