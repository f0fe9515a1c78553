#include <acl/acl.h>

CUresult driver(void *host, size_t n, aclrtBinHandle module, aclrtStream stream) {
    int count = 0;
    int32_t device = 0;
    aclrtContext context;
    CUdeviceptr memory;
    aclrtFuncHandle function;
    aclrtEvent event;
    cuInit(0);
    aclrtGetDeviceCount((uint32_t*)(&count));
    cuCtxCreate(&context, 0, device);
    cuMemAlloc(&memory, n);
    cuMemcpyHtoD(memory, host, n);
    cuMemcpyDtoHAsync(host, memory, n, stream);
    cuMemsetD32(memory, 0, n / 4);
    aclrtCreateEventExWithFlag(&event, ACL_EVENT_SYNC);
    aclrtCreateStreamWithConfig(&stream, 0, 0);
    aclrtStreamWaitEvent(stream, event);
    aclrtBinaryGetFunction(module, "scale", &function);
    return aclrtFree((void*)(memory));
}
