#include <cuda_runtime.h>
__global__ void kernel(int *i, unsigned long long *n, double *d, float *f) {
  atomicAdd(i, 1);
  atomicAdd(f, 1.0f);
  atomicAdd(n, 1ull);  // hazard: atomic-64
  atomicAdd((unsigned long long *)i, 1ull);  // hazard: atomic-64
  atomicAdd(d, 1.0);  // hazard: atomic-double
  atomicAdd_system(i, 1);  // hazard: atomic-system
  atomicExch(n, 1ull);
}
__global__ void halves(__half2 *h, __nv_bfloat16 *b) {
  atomicAdd(h, __half2());  // hazard: atomic-half
  atomicAdd(b, __nv_bfloat16());  // hazard: atomic-bf16
}
