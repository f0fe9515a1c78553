#include <hip/hip_runtime.h>
__global__ void kernel(float *x) { __nv_bfloat16 v = x[threadIdx.x]; }
