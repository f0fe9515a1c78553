// Sums one vector a GPU over all GPUs of a machine, by hand in a ring and with one collective call, and compares.
// One process drives all devices; needs NCCL, so that it is not compiled where only the toolkit is there.
#include <cstdio>
#include <vector>

#include <cuda_runtime.h>  // want: cuda_runtime.h include
#include <nccl.h>  // want: nccl.h include

#include "../common/check.cuh"

#define CHECK_NCCL(call)  /* none */ \
  do { \
    const ncclResult_t result_ = (call);  /* want: ncclResult_t type */ \
    if (result_ != ncclSuccess) {  /* want: ncclSuccess constant */ \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, ncclGetErrorString(result_));  /* want: ncclGetErrorString call */ \
      std::exit(EXIT_FAILURE); \
    } \
  } while (0)

constexpr int kCount = 1 << 20;

struct Rank {
  int device;
  ncclComm_t communicator;  // want: ncclComm_t type
  cudaStream_t stream;  // want: cudaStream_t type
  float *mine, *passing, *incoming, *total;
};

__global__ void fill(float* data, float value, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  if (i < count) {
    data[i] = value;
  }
}

__global__ void accumulate(float* total, const float* part, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    total[i] += part[i];  // none
  }
}

// One step of the ring: everybody sends to the right and receives from the left.
static void pass(std::vector<Rank>& ranks) {
  const int size = static_cast<int>(ranks.size());
  CHECK_NCCL(ncclGroupStart());  // want: ncclGroupStart call
  for (int r = 0; r < size; ++r) {
    Rank& rank = ranks[r];
    const int right = (r + 1) % size, left = (r + size - 1) % size;
    CHECK_NCCL(ncclSend(rank.passing, kCount, ncclFloat, right, rank.communicator, rank.stream));  // want: ncclSend call, ncclFloat constant
    CHECK_NCCL(ncclRecv(rank.incoming, kCount, ncclFloat, left, rank.communicator, rank.stream));  // want: ncclRecv call, ncclFloat constant
  }
  CHECK_NCCL(ncclGroupEnd());  // want: ncclGroupEnd call
  for (Rank& rank : ranks) {
    CHECK_CUDA(cudaSetDevice(rank.device));  // want: cudaSetDevice call
    accumulate<<<cuda_util::divide_up(kCount, 256), 256, 0, rank.stream>>>(rank.total, rank.incoming, kCount);  // want: accumulate launch
    std::swap(rank.passing, rank.incoming);
  }
}

int main() {
  int size = 0, version = 0;
  CHECK_CUDA(cudaGetDeviceCount(&size));  // want: cudaGetDeviceCount call
  CHECK_NCCL(ncclGetVersion(&version));  // want: ncclGetVersion call
  std::printf("NCCL %d, compiled with %d, %d devices\n", version, NCCL_VERSION_CODE, size);  // want: NCCL_VERSION_CODE macro

  std::vector<int> devices(size);
  std::vector<ncclComm_t> communicators(size);  // want: ncclComm_t type
  for (int r = 0; r < size; ++r) {
    devices[r] = r;
  }
  CHECK_NCCL(ncclCommInitAll(communicators.data(), size, devices.data()));  // want: ncclCommInitAll call

  std::vector<Rank> ranks(size);
  for (int r = 0; r < size; ++r) {
    Rank& rank = ranks[r];
    rank.device = r;
    rank.communicator = communicators[r];  // none
    CHECK_CUDA(cudaSetDevice(r));
    CHECK_CUDA(cudaStreamCreate(&rank.stream));  // want: cudaStreamCreate call
    for (float** buffer : {&rank.mine, &rank.passing, &rank.incoming, &rank.total}) {
      CHECK_CUDA(cudaMalloc(buffer, kCount * sizeof(float)));  // want: cudaMalloc call
      fill<<<cuda_util::divide_up(kCount, 256), 256, 0, rank.stream>>>(*buffer, float(r + 1), kCount);  // want: fill launch
    }
    int canAccess = 0;
    CHECK_CUDA(cudaDeviceCanAccessPeer(&canAccess, r, (r + 1) % size));  // want: cudaDeviceCanAccessPeer call
    std::printf("device %d reaches %d: %s\n", r, (r + 1) % size, canAccess ? "yes" : "no");
  }

  for (int step = 1; step < size; ++step) {
    pass(ranks);  // none
  }

  CHECK_NCCL(ncclGroupStart());
  for (Rank& rank : ranks) {
    CHECK_NCCL(ncclAllReduce(rank.mine, rank.mine, kCount, ncclFloat, ncclSum, rank.communicator, rank.stream));  // want: ncclAllReduce call, ncclFloat constant, ncclSum constant
  }
  CHECK_NCCL(ncclGroupEnd());

  for (Rank& rank : ranks) {
    float byHand = 0.0f, byLibrary = 0.0f;
    CHECK_CUDA(cudaSetDevice(rank.device));
    CHECK_CUDA(cudaStreamSynchronize(rank.stream));  // want: cudaStreamSynchronize call
    CHECK_CUDA(cudaMemcpy(&byHand, rank.total, sizeof(float), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant
    CHECK_CUDA(cudaMemcpy(&byLibrary, rank.mine, sizeof(float), cudaMemcpyDeviceToHost));
    std::printf("device %d: ring %.1f, ncclAllReduce %.1f\n", rank.device, byHand, byLibrary);  // none
    for (float* buffer : {rank.mine, rank.passing, rank.incoming, rank.total}) {
      CHECK_CUDA(cudaFree(buffer));  // want: cudaFree call
    }
    CHECK_CUDA(cudaStreamDestroy(rank.stream));  // want: cudaStreamDestroy call
    CHECK_NCCL(ncclCommDestroy(rank.communicator));  // want: ncclCommDestroy call
  }
  return 0;
}
