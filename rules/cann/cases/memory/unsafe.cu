#include <acl/acl.h>

void memory(size_t n, float *(&table)[4], void *known) {
    float *device = nullptr;
    float *host = nullptr;
    aclrtMalloc((void**)&device, n * sizeof(float), ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtMalloc((void **)&device, n, ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtMalloc(reinterpret_cast<void **>(&table[1]), n, ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtMalloc((void**)&table[2], n, ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtMalloc((void**)(true ? &device : &host), n, ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtMallocHost((void**)&host, n);
    aclrtMallocHost((void**)&host, n);
    cudaHostAlloc(&host, n, cudaHostAllocPortable | cudaHostAllocMapped);  // stays: nothing like it
    aclrtHostRegisterV2(known, n, ACL_HOST_REG_PINNED);
    aclrtHostRegisterV2(known, n, ACL_HOST_REG_PINNED);
    size_t left = 0, total = 0;
    aclrtGetMemInfo(ACL_HBM_MEM, &left, &total);
    aclrtPtrAttributes attributes;
    aclrtPointerGetAttributes(known, &attributes);
    aclrtSetDevice(0);
    aclrtFree(device);
    aclrtFreeHost(host);
}
