#include <cuda_runtime.h>
__global__ void kernel(float *x);
void race(float *host, float *x) {
  cudaMemcpy(x, host, 4, cudaMemcpyHostToDevice);
  kernel<<<1, 1>>>(x);
  cudaMemcpy(host, x, 4, cudaMemcpyDeviceToHost);  // hazard: blocking-copy
  cudaMemcpy(host, x, 4, cudaMemcpyDeviceToHost);
}
void waits(float *host, float *x) {
  kernel<<<1, 1>>>(x);
  cudaDeviceSynchronize();
  cudaMemcpy(host, x, 4, cudaMemcpyDeviceToHost);
}
void elsewhere(float *host, float *x) { cudaMemcpy(host, x, 4, cudaMemcpyDeviceToHost); }
