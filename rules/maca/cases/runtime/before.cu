// target: maca:native
#include <cuda.h>
#include <cuda_runtime.h>

void runtime(float *host, size_t n, cudaGraph_t graph, cudaGraphExec_t run) {
    const char *text = nullptr;
    cudaHostAlloc(&host, n, cudaHostAllocDefault);
    cuGetErrorString(CUDA_SUCCESS, &text);
    cudaGraphInstantiate(&run, graph, nullptr, nullptr, 0);
    cudaGraphInstantiate(&run, graph, 0);
}

int properties(CUresult result) {
    struct cudaDeviceProp properties;
    cudaGetDeviceProperties(&properties, 0);
    return result == CUDA_SUCCESS ? properties.major : 0;
}
