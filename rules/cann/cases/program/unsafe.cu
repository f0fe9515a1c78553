// A whole program: ACL is started and ended once.
#include <acl/acl.h>

int main(int argc, char **argv) {
    aclInit(nullptr);
    aclrtSetDevice(0);
    float *memory = nullptr;
    if (argc > 2) {
        return 1;
    }
    aclrtMalloc((void**)&memory, 64, ACL_MEM_MALLOC_HUGE_FIRST);
    aclrtFree(memory);
    aclFinalize();
    return 0;
}
