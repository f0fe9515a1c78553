#include <acl/acl.h>

aclError driver(void *host, size_t n, aclrtBinHandle module, aclrtStream stream) {
    int count = 0;
    int32_t device = 0;
    aclrtContext context;
    void* memory;
    aclrtFuncHandle function;
    aclrtEvent event;
    aclInit(nullptr);
    aclrtGetDeviceCount((uint32_t*)(&count));
    aclrtCreateContext(&context, device);
    aclrtMalloc((void**)&memory, n, ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtMemcpy((void*)(memory), n, (const void*)(host), n, ACL_MEMCPY_HOST_TO_DEVICE);
    aclrtMemcpyAsync((void*)(host), n, (const void*)(memory), n, ACL_MEMCPY_DEVICE_TO_HOST, stream);
    aclrtMemsetD32((void*)(memory), (n / 4) * sizeof(uint32_t), 0, n / 4);
    aclrtCreateEventExWithFlag(&event, ACL_EVENT_SYNC);
    aclrtCreateStreamWithConfig(&stream, 0, 0);
    aclrtStreamWaitEvent(stream, event);
    aclrtBinaryGetFunction(module, "scale", &function);
    return aclrtFree((void*)(memory));
}
