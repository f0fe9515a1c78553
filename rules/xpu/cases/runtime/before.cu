// target: xpu:xre
#include <cuda_runtime.h>

cudaError_t runtime(float *host, size_t n, cudaStream_t stream, cudaEvent_t event) {
    float *memory = nullptr;
    cudaMalloc(&memory, n);
    cudaMallocHost(&host, n);
    cudaMemcpyPeer(memory, 1, host, 0, n);
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaStreamWaitEvent(stream, event, 0);
    cudaFree(memory);
    return cudaDeviceSynchronize();
}
