#include <cstdio>
#include <acl/acl.h>

#define CUDA_CHECK(call)                                                                  \
    do {                                                                                  \
        aclError error = (call);                                                       \
        if (error != ACL_SUCCESS) {                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, aclGetRecentErrMsg()); \
        }                                                                                 \
    } while (0)

aclError last() {
    CUDA_CHECK(aclrtGetLastError(ACL_RT_THREAD_LEVEL));
    if (aclrtPeekAtLastError(ACL_RT_THREAD_LEVEL) == ACL_ERROR_RT_MEMORY_ALLOCATION) {
        return ACL_ERROR_RT_PARAM_INVALID;
    }
    return aclrtGetLastError(ACL_RT_THREAD_LEVEL);
}
