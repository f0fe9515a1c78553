// target: xpu:xre
#include <xpu/runtime.h>

cudaError_t runtime(float *host, size_t n, XPUStream stream, XPUEvent event) {
    float *memory = nullptr;
    xpu_malloc((void**)&memory, n);
    cudaMallocHost(&host, n);
    xpu_memcpy_peer(1, memory, 0, host, n);
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    xpu_stream_wait_event(stream, event);
    xpu_free(memory);
    return xpu_wait();
}
