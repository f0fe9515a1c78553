// target: maca:native
#include <mcr/maca.h>
#include <mc_runtime.h>

void runtime(float *host, size_t n, mcGraph_t graph, mcGraphExec_t run) {
    const char *text = nullptr;
    cudaHostAlloc(&host, n, mcMallocHostDefault);
    ((*(&text) = mcGetErrorString(CUDA_SUCCESS)), mcSuccess);
    cudaGraphInstantiate(&run, graph, nullptr, nullptr, 0);
    cudaGraphInstantiate(&run, graph, 0);
}

int properties(CUresult result) {
    struct cudaDeviceProp properties;
    mcGetDeviceProperties(&properties, 0);
    return result == CUDA_SUCCESS ? properties.major : 0;
}
