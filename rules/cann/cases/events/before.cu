#include <cuda_runtime.h>

float events(cudaStream_t stream, unsigned flags) {
    cudaEvent_t start, stop, untimed, shared;
    cudaEventCreate(&start);
    cudaEventCreate(&stop, cudaEventBlockingSync);
    cudaEventCreateWithFlags(&stop, cudaEventDefault);
    cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming | cudaEventBlockingSync);
    cudaEventCreateWithFlags(&shared, cudaEventInterprocess | cudaEventDisableTiming);
    cudaEventCreateWithFlags(&untimed, flags);  // stays: nobody knows the flags
    cudaEventRecord(start);
    cudaEventRecord(stop, stream);
    cudaEventRecordWithFlags(stop, stream);
    cudaStreamWaitEvent(stream, stop, 0);
    cudaStreamWaitEvent(stream, stop);
    while (cudaEventQuery(stop) == cudaErrorNotReady) {
    }
    if (cudaEventQuery(stop) != cudaSuccess) {
        cudaEventSynchronize(stop);
    }
    int state = cudaEventQuery(stop);  // stays: the code itself is wanted
    cudaIpcEventHandle_t handle;
    cudaIpcGetEventHandle(&handle, shared);
    cudaIpcOpenEventHandle(&shared, handle);
    float milliseconds = 0;
    cudaEventElapsedTime(&milliseconds, start, stop);
    cudaEventDestroy(start);
    return milliseconds + state;
}
