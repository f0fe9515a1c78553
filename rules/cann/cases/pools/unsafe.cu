// Memory pools have a header of their own; a device pointer is a plain one; half numbers of the host are bits.
#include <acl/acl_rt_memory_soma.h>
#include <acl/acl.h>

static void /* CUDART_CB */ done(void *) {}

void pools(aclrtMemPool pool, aclrtStream stream, size_t size) {
    void *memory = nullptr;
    aclrtMemPoolMallocAsync(&memory, size, pool, stream);
    aclrtLaunchHostFunc(stream, done, nullptr);
    aclrtMemPoolFreeAsync(memory, stream);
    void* first = 0, *second;
    aclFloat16 *numbers = nullptr;
}
