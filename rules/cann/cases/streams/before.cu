#include <cuda_runtime.h>

bool streams(int least) {
    cudaStream_t one, two;
    cudaStreamCreate(&one);
    cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&two, cudaStreamDefault);
    cudaStreamCreateWithPriority(&two, cudaStreamNonBlocking, least);
    cudaStreamSynchronize(one);
    bool done = cudaStreamQuery(two) == cudaSuccess;
    cudaStreamCaptureStatus status;
    cudaStreamIsCapturing(one, &status);
    cudaStreamDestroy(two);
    return done;
}
