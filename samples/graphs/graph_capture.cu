// A chain of small kernels recorded once as a graph and replayed many times, then updated in place.
// The instantiate and update calls changed their arguments in CUDA 12: both shapes stand here.
#include <cstdio>
#include <vector>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

constexpr int kCount = 1 << 16;
constexpr int kSteps = 20;

__global__ void scale(float* data, float factor, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    data[i] *= factor;
  }
}

__global__ void shift(float* data, float offset, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    data[i] += offset;
  }
}

// Records kSteps pairs of kernels from `stream` into a graph.
static cudaGraph_t capture(cudaStream_t stream, float* data, float factor) {  // want: cudaGraph_t type, cudaStream_t type
  cudaGraph_t graph = nullptr;  // want: cudaGraph_t type
  CHECK_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));  // want: cudaStreamBeginCapture call, cudaStreamCaptureModeGlobal constant
  for (int step = 0; step < kSteps; ++step) {
    scale<<<cuda_util::divide_up(kCount, 256), 256, 0, stream>>>(data, factor, kCount);  // want: scale launch
    shift<<<cuda_util::divide_up(kCount, 256), 256, 0, stream>>>(data, 1.0f, kCount);  // want: shift launch
  }
  CHECK_CUDA(cudaStreamEndCapture(stream, &graph));  // want: cudaStreamEndCapture call
  return graph;
}

static cudaGraphExec_t instantiate(cudaGraph_t graph) {  // want: cudaGraphExec_t type, cudaGraph_t type
  cudaGraphExec_t executable = nullptr;  // want: cudaGraphExec_t type
#if CUDART_VERSION >= 12000  // want: CUDART_VERSION macro
  CHECK_CUDA(cudaGraphInstantiate(&executable, graph, 0));  // want: cudaGraphInstantiate call
#else
  CHECK_CUDA(cudaGraphInstantiate(&executable, graph, nullptr, nullptr, 0));  // want: cudaGraphInstantiate call
#endif
  return executable;
}

// Whether `executable` could take over the parameters of `graph`.
static bool update(cudaGraphExec_t executable, cudaGraph_t graph) {  // want: cudaGraphExec_t type, cudaGraph_t type
#if CUDART_VERSION >= 12000
  cudaGraphExecUpdateResultInfo info;  // want: cudaGraphExecUpdateResultInfo type
  const cudaError_t status = cudaGraphExecUpdate(executable, graph, &info);  // want: cudaError_t type, cudaGraphExecUpdate call
  return status == cudaSuccess && info.result == cudaGraphExecUpdateSuccess;  // want: cudaSuccess constant, cudaGraphExecUpdateSuccess constant, cudaGraphExecUpdateResultInfo.result member
#else
  cudaGraphNode_t culprit = nullptr;  // want: cudaGraphNode_t type
  cudaGraphExecUpdateResult result;  // want: cudaGraphExecUpdateResult type
  const cudaError_t status = cudaGraphExecUpdate(executable, graph, &culprit, &result);  // want: cudaError_t type, cudaGraphExecUpdate call
  return status == cudaSuccess && result == cudaGraphExecUpdateSuccess;  // want: cudaSuccess constant, cudaGraphExecUpdateSuccess constant
#endif
}

int main() {
  cudaStream_t stream;  // want: cudaStream_t type
  CHECK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));  // want: cudaStreamCreateWithFlags call, cudaStreamNonBlocking macro
  float* data = nullptr;
  CHECK_CUDA(cudaMalloc(&data, kCount * sizeof(float)));
  CHECK_CUDA(cudaMemsetAsync(data, 0, kCount * sizeof(float), stream));  // want: cudaMemsetAsync call

  cudaGraph_t graph = capture(stream, data, 0.5f);  // want: cudaGraph_t type
  size_t nodes = 0;
  CHECK_CUDA(cudaGraphGetNodes(graph, nullptr, &nodes));  // want: cudaGraphGetNodes call
  std::printf("cudaGraph_t with %zu nodes\n", nodes);  // none

  cudaGraphExec_t executable = instantiate(graph);  // want: cudaGraphExec_t type
  {
    cuda_util::Timer timer(stream);
    for (int run = 0; run < 100; ++run) {
      CHECK_CUDA(cudaGraphLaunch(executable, stream));  // want: cudaGraphLaunch call
    }
    std::printf("100 replays: %.3f ms\n", timer.milliseconds());  // none
  }

  // The same shape with another factor needs no new instantiation.
  cudaGraph_t other = capture(stream, data, 0.25f);
  if (!update(executable, other)) {
    CHECK_CUDA(cudaGraphExecDestroy(executable));  // want: cudaGraphExecDestroy call
    executable = instantiate(other);  // none
  }
  CHECK_CUDA(cudaGraphLaunch(executable, stream));
  CHECK_CUDA(cudaStreamSynchronize(stream));  // want: cudaStreamSynchronize call

  float first = 0.0f;
  CHECK_CUDA(cudaMemcpy(&first, data, sizeof(float), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant
  std::printf("x = x / 4 + 1 ends at %.6f (4/3)\n", first);

  CHECK_CUDA(cudaGraphExecDestroy(executable));
  CHECK_CUDA(cudaGraphDestroy(other));  // want: cudaGraphDestroy call
  CHECK_CUDA(cudaGraphDestroy(graph));  // want: cudaGraphDestroy call
  CHECK_CUDA(cudaFree(data));
  CHECK_CUDA(cudaStreamDestroy(stream));
  return 0;
}
