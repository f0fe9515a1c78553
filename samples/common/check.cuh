// Error checks and small helpers that all samples share.
// The macros and the namespace are this project's own: only the CUDA names inside them are CUDA.
#pragma once

#include <cstdio>
#include <cstdlib>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

// Evaluates one runtime call and ends the program with a message unless it returned cudaSuccess.
#define CHECK_CUDA(call)  /* none */ \
  do { \
    const cudaError_t status_ = (call);  /* want: cudaError_t type */ \
    if (status_ != cudaSuccess) {  /* want: cudaSuccess constant */ \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(status_));  /* want: cudaGetErrorString call */ \
      std::exit(EXIT_FAILURE); \
    } \
  } while (0)

namespace cuda_util {  // none

// The number of blocks of `block` threads that cover `count` elements.
inline unsigned divide_up(size_t count, unsigned block) {
  return static_cast<unsigned>((count + block - 1) / block);
}

// Measures the time between two points of a stream.
class Timer {
 public:
  explicit Timer(cudaStream_t stream = nullptr) : stream_(stream) {  // want: cudaStream_t type
    CHECK_CUDA(cudaEventCreate(&start_));  // want: cudaEventCreate call
    CHECK_CUDA(cudaEventCreate(&stop_));  // want: cudaEventCreate call
    CHECK_CUDA(cudaEventRecord(start_, stream_));  // want: cudaEventRecord call
  }
  ~Timer() {
    cudaEventDestroy(start_);  // want: cudaEventDestroy call
    cudaEventDestroy(stop_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Milliseconds since construction; waits for the work in between.
  float milliseconds() {
    float elapsed = 0.0f;
    CHECK_CUDA(cudaEventRecord(stop_, stream_));
    CHECK_CUDA(cudaEventSynchronize(stop_));  // want: cudaEventSynchronize call
    CHECK_CUDA(cudaEventElapsedTime(&elapsed, start_, stop_));  // want: cudaEventElapsedTime call
    return elapsed;
  }

 private:
  cudaStream_t stream_;
  cudaEvent_t start_ = nullptr;  // want: cudaEvent_t type
  cudaEvent_t stop_ = nullptr;
};

}  // namespace cuda_util
