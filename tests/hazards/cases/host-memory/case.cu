#include <cuda_runtime.h>
__managed__ int counter;  // hazard: managed
void host(void *p) {
  cudaMallocManaged(&p, 4);  // hazard: managed
  cudaHostAlloc(&p, 4, cudaHostAllocMapped);  // hazard: mapped
  cudaHostAlloc(&p, 4, cudaHostAllocDefault);
  cudaHostRegister(p, 4, cudaHostRegisterDefault);  // hazard: registered
  cudaMalloc(&p, 4);
}
