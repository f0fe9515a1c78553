// A whole program: ACL is started and ended once.
#include <acl/acl.h>

int main(int argc, char **argv) {
    float *memory = nullptr;
    if (argc > 2) {
        return 1;
    }
    cudaMalloc(&memory, 64);
    aclrtFree(memory);
    return 0;
}
