#include <cuda_runtime.h>
#include <cstdint>
__device__ unsigned votes(bool keep) {
  return __ballot_sync(0xffffffff, keep);  // hazard: kept
}
__device__ unsigned long long wide(bool keep) { return __ballot_sync(0xffffffff, keep); }
__global__ void kernel(int *x, int lane) {
  unsigned mask = __ballot_sync(0xffffffff, x[0] > 0);  // hazard: kept
  unsigned long long all = __ballot_sync(0xffffffff, x[0] > 0);
  uint64_t active = __activemask();
  int n = __popc(mask);  // hazard: counted
  int m = __popcll(all);
  int k = __popc(__activemask());  // hazard: counted
  int below = __popc(x[1]);
  unsigned bit = 1u << lane;  // hazard: bit
  unsigned other = 1u << n;
  if (__ballot_sync(0xffffffff, x[1] > 0)) x[0] = n + m + k + below + bit + other + active;
}
__device__ float handed(float v) {
  float other = __shfl_xor_sync(__activemask(), v, 1);
  return other;
}
