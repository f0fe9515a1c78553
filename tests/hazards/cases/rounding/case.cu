#include <cuda_runtime.h>
__global__ void kernel(float *x, double *y) {
  x[0] = __fadd_rd(x[1], x[2]);  // hazard: rounding-mode
  y[0] = __dmul_ru(y[1], y[2]);  // hazard: rounding-mode
  x[3] = __fmaf_rz(x[0], x[1], x[2]);  // hazard: rounding-mode
  x[4] = __int2float_rn(3);
  x[5] = __fdividef(x[0], x[1]);
}
__device__ float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }
