#include <cnrt.h>

int runtime(float *host, const float *source, size_t n, cnrtQueue_t queue, cnrtNotifier_t start, cnrtNotifier_t stop) {
    int count = 0, access = 0;
    float milliseconds = 0;
    float *memory = nullptr;
    cnrtGetDeviceCount((unsigned int*)(&count));
    cnrtGetPeerAccessibility((unsigned int*)(&access), 0, 1);
    cnrtMalloc((void**)&memory, n);
    cnrtHostMalloc((void**)&host, n);
    cudaHostAlloc(&host, n, cudaHostAllocPortable);
    cnrtMemcpy(memory, (void*)(source + 4), n, cnrtMemcpyHostToDev);
    cnrtMemcpyAsync_V2(memory, (void*)(source), n, queue, cnrtMemcpyHostToDev);
    cnrtMemcpyPeer(memory, 1, (void*)(source), 0, n);
    cudaStreamCreateWithFlags(&queue, cudaStreamNonBlocking);
    cnrtQueueWaitNotifier(stop, queue, 0);
    cnrtQueueWaitNotifier(stop, queue, 0);
    cnrtNotifierElapsedTime(start, stop, &milliseconds);
    cnrtFree(memory);
    return count + access;
}

enum cudaError last() { return cnrtGetLastError(); }
