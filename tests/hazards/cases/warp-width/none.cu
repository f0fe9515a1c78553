#include <cuda_runtime.h>
// Nothing here is about warps: bits in words, pages, alignment.
#define BITS 32
__global__ void pack(const unsigned char *in, unsigned *out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int word = i / 32;
  int bit = i & 31;
  for (int step = 16; step > 0; step >>= 1) out[word] ^= out[word] >> step;
  if (i < n) atomicOr(&out[i >> 5], 1u << bit);
  if (threadIdx.x < 32) out[threadIdx.x] = 0;
}
void run(const unsigned char *in, unsigned *out) { pack<<<1, 32 * 4>>>(in, out, 8 / 32); }
