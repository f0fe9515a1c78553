#include <cuda_runtime.h>
int host(void *a, void *b, cudaStream_t *s, cudaError_t e) {
  cudaMemcpy(a, b, 4, 2);  // hazard: number
  cudaMemcpy(a, b, 4, cudaMemcpyDeviceToHost);
  cudaMemcpy(a, b, 4, (cudaMemcpyKind)1);  // hazard: number
  cudaStreamCreateWithFlags(s, 1);  // hazard: number
  cudaStreamCreateWithFlags(s, 0);
  cudaStreamCreateWithFlags(s, cudaStreamNonBlocking);
  int code = (int)cudaErrorNotReady;  // hazard: number
  return e == cudaErrorNotReady ? code : 0;
}
