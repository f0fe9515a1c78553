#include <cuda_runtime.h>
#define TILE 64
__global__ void big(float *x) {
  __shared__ double a[TILE][TILE];  // hazard: static
  __shared__ float b[TILE * 128];
  x[0] = a[0][0] + b[0];
}
__global__ void unknown(float *x) {
  __shared__ Custom c[12];
  extern __shared__ float d[];
  x[0] = d[0];
}
void host() {
  cudaFuncSetAttribute(big, cudaFuncAttributeMaxDynamicSharedMemorySize, 96 * 1024);  // hazard: opt-in
  cudaFuncSetAttribute(big, cudaFuncAttributePreferredSharedMemoryCarveout, 50);
}
