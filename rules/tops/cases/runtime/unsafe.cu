#include <tops/tops_runtime_api.h>
#include <tops/tops_runtime.h>

void runtime(float *host, size_t n, topsStream_t stream, topsDeviceptr_t address) {
    float *memory = nullptr;
    const char *name = nullptr;
    topsMalloc((void**)&memory, n);
    topsMallocAsync((void**)&memory, n, stream, 0);
    topsHostMalloc((void**)&host, n, topsHostMallocDefault);
    topsHostMalloc((void**)&host, n, topsHostMallocMapped);
    topsMemcpyAsync(memory, host, n, topsMemcpyHostToDevice, stream);
    topsMemcpyHtoD(address, (void*)(host), n);
    ((*(&name) = topsGetErrorName(topsSuccess)), topsSuccess);
    topsStreamWriteValue32Async(address, 1, 0, stream);
}
