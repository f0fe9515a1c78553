#include <cuda_runtime.h>

int runtime(float *host, const float *source, size_t n, cudaStream_t queue, cudaEvent_t start, cudaEvent_t stop) {
    int count = 0, access = 0;
    float milliseconds = 0;
    float *memory = nullptr;
    cudaGetDeviceCount(&count);
    cudaDeviceCanAccessPeer(&access, 0, 1);
    cudaMalloc(&memory, n);
    cudaMallocHost(&host, n);
    cudaHostAlloc(&host, n, cudaHostAllocPortable);
    cudaMemcpy(memory, source + 4, n, cudaMemcpyHostToDevice);
    cudaMemcpyAsync(memory, source, n, cudaMemcpyHostToDevice, queue);
    cudaMemcpyPeer(memory, 1, source, 0, n);
    cudaStreamCreateWithFlags(&queue, cudaStreamNonBlocking);
    cudaStreamWaitEvent(queue, stop, 0);
    cudaStreamWaitEvent(queue, stop);
    cudaEventElapsedTime(&milliseconds, start, stop);
    cudaFree(memory);
    return count + access;
}

enum cudaError last() { return cudaGetLastError(); }
