// Copies and kernels that overlap: pinned memory, four streams, events between them, a callback at the end.
// This file has CRLF line ends.
#include <atomic>
#include <cmath>
#include <cstdio>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

constexpr int kStreams = 4;
constexpr int kChunk = 1 << 20;

// One lane of the pipeline. The member is called cudaStream, which is no CUDA name.
struct Lane {
  cudaStream_t cudaStream;  // want: cudaStream_t type
  cudaEvent_t finished;  // want: cudaEvent_t type
  float* device;
};

__global__ void wave(float* data, int count, float phase) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  if (i < count) {
    data[i] = sinf(data[i] + phase) * rsqrtf(1.0f + data[i] * data[i]);  // want: sinf call, rsqrtf call
  }
}

// Runs on a thread of the driver after everything before it in the stream.
static void CUDART_CB onFinished(void* counter) {  // want: CUDART_CB macro
  static_cast<std::atomic<int>*>(counter)->fetch_add(1);
}

int main() {
  int device = 0, engines = 0, lowest = 0, highest = 0;
  CHECK_CUDA(cudaGetDevice(&device));  // want: cudaGetDevice call
  CHECK_CUDA(cudaDeviceGetAttribute(&engines, cudaDevAttrAsyncEngineCount, device));  // want: cudaDeviceGetAttribute call, cudaDevAttrAsyncEngineCount constant
  CHECK_CUDA(cudaDeviceGetStreamPriorityRange(&lowest, &highest));  // want: cudaDeviceGetStreamPriorityRange call
  std::printf("%d copy engines, cudaStream_t priorities %d to %d\n", engines, lowest, highest);  // none

  float *in = nullptr, *out = nullptr;
  const size_t bytes = size_t(kChunk) * sizeof(float);
  CHECK_CUDA(cudaHostAlloc(&in, bytes * kStreams, cudaHostAllocDefault));  // want: cudaHostAlloc call, cudaHostAllocDefault macro
  CHECK_CUDA(cudaMallocHost(&out, bytes * kStreams));  // want: cudaMallocHost call
  for (int i = 0; i < kChunk * kStreams; ++i) {
    in[i] = std::cos(0.01f * i);  // none
  }

  Lane lanes[kStreams];  // none
  for (Lane& lane : lanes) {
    CHECK_CUDA(cudaStreamCreateWithPriority(&lane.cudaStream, cudaStreamNonBlocking, highest));  // want: cudaStreamCreateWithPriority call, cudaStreamNonBlocking macro
    CHECK_CUDA(cudaEventCreateWithFlags(&lane.finished, cudaEventDisableTiming));  // want: cudaEventCreateWithFlags call, cudaEventDisableTiming macro
#if CUDART_VERSION >= 11020  // want: CUDART_VERSION macro
    CHECK_CUDA(cudaMallocAsync(&lane.device, bytes, lane.cudaStream));  // want: cudaMallocAsync call
#else
    CHECK_CUDA(cudaMalloc(&lane.device, bytes));  // want: cudaMalloc call
#endif
  }

  std::atomic<int> finished{0};
  const unsigned grid = cuda_util::divide_up(kChunk, 256);
  for (int k = 0; k < kStreams; ++k) {
    Lane& lane = lanes[k];
    float* from = in + size_t(k) * kChunk;
    float* to = out + size_t(k) * kChunk;
    CHECK_CUDA(cudaMemcpyAsync(lane.device, from, bytes, cudaMemcpyHostToDevice, lane.cudaStream));  // want: cudaMemcpyAsync call, cudaMemcpyHostToDevice constant
    if (k > 0) {
      // Each lane starts its kernel only after the one before has finished its own.
      CHECK_CUDA(cudaStreamWaitEvent(lane.cudaStream, lanes[k - 1].finished, 0));  // want: cudaStreamWaitEvent call
    }
    wave<<<grid, 256, 0, lane.cudaStream>>>(lane.device, kChunk, 0.1f * k);  // want: wave launch
    CHECK_CUDA(cudaEventRecord(lane.finished, lane.cudaStream));  // want: cudaEventRecord call
    CHECK_CUDA(cudaMemcpyAsync(to, lane.device, bytes, cudaMemcpyDeviceToHost, lane.cudaStream));  // want: cudaMemcpyAsync call, cudaMemcpyDeviceToHost constant
    CHECK_CUDA(cudaLaunchHostFunc(lane.cudaStream, onFinished, &finished));  // want: cudaLaunchHostFunc call
  }

  for (Lane& lane : lanes) {
    const cudaError_t state = cudaStreamQuery(lane.cudaStream);  // want: cudaError_t type, cudaStreamQuery call
    if (state == cudaErrorNotReady) {  // want: cudaErrorNotReady constant
      CHECK_CUDA(cudaStreamSynchronize(lane.cudaStream));  // want: cudaStreamSynchronize call
    } else {
      CHECK_CUDA(state);  // none
    }
  }

  double sum = 0.0;
  for (int i = 0; i < kChunk * kStreams; ++i) {
    sum += out[i];
  }
  std::printf("%d of %d lanes reported, sum %.6f\n", finished.load(), kStreams, sum);  // none

  for (Lane& lane : lanes) {
#if CUDART_VERSION >= 11020
    CHECK_CUDA(cudaFreeAsync(lane.device, lane.cudaStream));  // want: cudaFreeAsync call
#else
    CHECK_CUDA(cudaFree(lane.device));
#endif
    CHECK_CUDA(cudaStreamDestroy(lane.cudaStream));  // want: cudaStreamDestroy call
    CHECK_CUDA(cudaEventDestroy(lane.finished));  // want: cudaEventDestroy call
  }
  CHECK_CUDA(cudaFreeHost(out));  // want: cudaFreeHost call
  CHECK_CUDA(cudaFreeHost(in));  // want: cudaFreeHost call
  return 0;
}
