#include <cuda_bf16.h>  // hazard: bf16
#include <cuda_fp8.h>  // hazard: fp8
#include <limits>
__device__ __nv_bfloat16 narrow(float x) { return __float2bfloat16(x); }
__device__ __half2 clamp(__half2 a, __half2 b) { return __hmin2(a, b); }  // hazard: half-limits
__device__ float extended(float x) {
  long double y = x;  // hazard: long-double
  return y + std::numeric_limits<float>::infinity();  // hazard: numeric-limits
}
long double host() { return std::numeric_limits<double>::max(); }
