#include <cuda.h>

CUresult driver(void *host, size_t n, CUmodule module, CUstream stream) {
    int count = 0;
    CUdevice device = 0;
    CUcontext context;
    CUdeviceptr memory;
    CUfunction function;
    CUevent event;
    cuInit(0);
    cuDeviceGetCount(&count);
    cuCtxCreate(&context, 0, device);
    cuMemAlloc(&memory, n);
    cuMemcpyHtoD(memory, host, n);
    cuMemcpyDtoHAsync(host, memory, n, stream);
    cuMemsetD32(memory, 0, n / 4);
    cuEventCreate(&event, CU_EVENT_DISABLE_TIMING);
    cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING);
    cuStreamWaitEvent(stream, event, 0);
    cuModuleGetFunction(&function, module, "scale");
    return cuMemFree(memory);
}
