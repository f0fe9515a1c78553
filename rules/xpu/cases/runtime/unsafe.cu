// target: xpu:xre
#include <xpu/runtime.h>

int runtime(float *host, size_t n, XPUStream stream, XPUEvent event) {
    float *memory = nullptr;
    xpu_malloc((void**)&memory, n);
    xpu_host_alloc((void**)&host, n, 0);
    xpu_memcpy_peer(1, memory, 0, host, n);
    xpu_event_create(&event);
    xpu_stream_create(&stream);
    xpu_stream_wait_event(stream, event);
    xpu_free(memory);
    return xpu_wait();
}
