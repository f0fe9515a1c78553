#include <acl/acl.h>

int device() {
    int count = 0, current = 0, cores = 0, number = 0;
    aclrtGetDeviceCount((uint32_t*)(&count));
    aclrtSetDevice(1);
    aclrtGetDevice(&current);
    cudaDeviceGetAttribute(&cores, cudaDevAttrMultiProcessorCount, current);
    cudaDriverGetVersion(&number);
    cudaRuntimeGetVersion(&number);
    aclrtSynchronizeDevice();
    cudaDeviceReset();
    return cores;
}
