#include <cstdio>
#include <acl/acl.h>

#define CUDA_CHECK(call)                                                                  \
    do {                                                                                  \
        cudaError_t error = (call);                                                       \
        if (error != ACL_SUCCESS) {                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error)); \
        }                                                                                 \
    } while (0)

enum cudaError last() {
    CUDA_CHECK(aclrtGetLastError(ACL_RT_THREAD_LEVEL));
    if (aclrtPeekAtLastError(ACL_RT_THREAD_LEVEL) == cudaErrorMemoryAllocation) {
        return cudaErrorInvalidValue;
    }
    return aclrtGetLastError(ACL_RT_THREAD_LEVEL);
}
