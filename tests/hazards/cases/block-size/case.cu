#include <cuda_runtime.h>
#define THREADS 512
__global__ void kernel(float *x);
void host(float *x, int n) {
  kernel<<<n, THREADS>>>(x);  // hazard: threads
  dim3 block(32, 8);
  kernel<<<n, block>>>(x);  // hazard: threads
  kernel<<<n, dim3(16, 16)>>>(x);  // hazard: threads
  kernel<<<n, n>>>(x);
}
void other(float *x, int n) {
  dim3 block(n);
  kernel<<<n, block>>>(x);
}
