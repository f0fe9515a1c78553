#include <cuda.h>
#include <cuda_runtime.h>

void runtime(float *host, size_t n, cudaStream_t stream, CUdeviceptr address) {
    float *memory = nullptr;
    const char *name = nullptr;
    cudaMalloc(&memory, n);
    cudaMallocAsync(&memory, n, stream);
    cudaMallocHost(&host, n);
    cudaHostAlloc(&host, n, cudaHostAllocMapped);
    cudaMemcpyAsync(memory, host, n, cudaMemcpyHostToDevice, stream);
    cuMemcpyHtoD(address, host, n);
    cuGetErrorName(CUDA_SUCCESS, &name);
    cuStreamWriteValue32(stream, address, 1, 0);
}
