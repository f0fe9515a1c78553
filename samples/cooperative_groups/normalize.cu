// Scales a vector to length one in a single launch: the whole grid waits between the two halves.
// Needs a cooperative launch, so that all blocks are on the device at once.
#include <cmath>
#include <cstdio>
#include <vector>

#include <cooperative_groups.h>  // want: cooperative_groups.h include
#include <cooperative_groups/reduce.h>  // want: cooperative_groups/reduce.h include
#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

namespace cg = cooperative_groups;  // want: cooperative_groups namespace

constexpr int kBlock = 256;

// The sum over a tile of threads by shuffles that the tile itself provides.
template <typename Tile>
__device__ float sumOverTile(const Tile& tile, float value) {  // want: __device__ qualifier
  for (int offset = tile.size() / 2; offset > 0; offset /= 2) {
    value += tile.shfl_down(value, offset);
  }
  return value;
}

__global__ void normalize(float* data, float* sumOfSquares, int count) {  // want: __global__ qualifier
  cg::grid_group grid = cg::this_grid();  // want: cooperative_groups::grid_group type, cooperative_groups::this_grid call
  cg::thread_block block = cg::this_thread_block();  // want: cooperative_groups::thread_block type, cooperative_groups::this_thread_block call
  cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);  // want: cooperative_groups::thread_block_tile type, cooperative_groups::tiled_partition call
  __shared__ float total;  // want: __shared__ qualifier

  if (block.thread_rank() == 0) {
    total = 0.0f;
  }
  block.sync();

  float squares = 0.0f;
  for (size_t i = grid.thread_rank(); i < count; i += grid.size()) {
    squares += data[i] * data[i];  // none
  }
  squares = cg::reduce(warp, squares, cg::plus<float>());  // want: cooperative_groups::reduce call, cooperative_groups::plus type
  if (warp.thread_rank() == 0) {
    atomicAdd(&total, squares);  // want: atomicAdd call
  }
  cg::sync(block);  // want: cooperative_groups::sync call
  if (block.thread_rank() == 0) {
    atomicAdd(sumOfSquares, total);  // want: atomicAdd call
  }

  grid.sync();

  const float factor = rsqrtf(*sumOfSquares);  // want: rsqrtf call
  for (size_t i = grid.thread_rank(); i < count; i += grid.size()) {
    data[i] *= factor;
  }
}

// Counts negative numbers: only the threads that found one take part in the sum.
__global__ void countNegative(const float* data, int* negative, int count) {  // want: __global__ qualifier
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count && data[i] < 0.0f) {
    cg::coalesced_group active = cg::coalesced_threads();  // want: cooperative_groups::coalesced_group type, cooperative_groups::coalesced_threads call
    if (active.thread_rank() == 0) {
      atomicAdd(negative, static_cast<int>(active.size()));
    }
  }
}

// The sums of quarter warps, one a tile of eight threads.
__global__ void sumEights(const float* data, float* sums, int count) {  // want: __global__ qualifier
  auto block = cg::this_thread_block();  // want: cooperative_groups::this_thread_block call
  auto eight = cg::tiled_partition<8>(block);  // want: cooperative_groups::tiled_partition call
  const int i = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  const float sum = sumOverTile(eight, i < count ? data[i] : 0.0f);  // none
  if (eight.thread_rank() == 0) {
    sums[i / 8] = sum;
  }
}

int main() {
  int device = 0, cooperative = 0, blocks = 0, processors = 0;
  CHECK_CUDA(cudaGetDevice(&device));  // want: cudaGetDevice call
  CHECK_CUDA(cudaDeviceGetAttribute(&cooperative, cudaDevAttrCooperativeLaunch, device));  // want: cudaDeviceGetAttribute call, cudaDevAttrCooperativeLaunch constant
  CHECK_CUDA(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device));  // want: cudaDeviceGetAttribute call, cudaDevAttrMultiProcessorCount constant
  if (!cooperative) {
    std::printf("no cudaLaunchCooperativeKernel on this device\n");  // none
    return 0;
  }

  int count = 1 << 20;
  std::vector<float> host(count, 3.0f);
  float *data = nullptr, *sums = nullptr;
  int* negative = nullptr;
  CHECK_CUDA(cudaMallocManaged(&data, count * sizeof(float), cudaMemAttachGlobal));  // want: cudaMallocManaged call, cudaMemAttachGlobal macro
  CHECK_CUDA(cudaMallocManaged(&sums, (1 + count / 8) * sizeof(float)));  // want: cudaMallocManaged call
  CHECK_CUDA(cudaMallocManaged(&negative, sizeof(int)));
  CHECK_CUDA(cudaMemcpy(data, host.data(), count * sizeof(float), cudaMemcpyDefault));  // want: cudaMemcpy call, cudaMemcpyDefault constant
  sums[0] = 0.0f;
  *negative = 0;

  CHECK_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, normalize, kBlock, 0));  // want: cudaOccupancyMaxActiveBlocksPerMultiprocessor call
  void* arguments[] = {&data, &sums, &count};
  const dim3 grid(blocks * processors), block(kBlock);  // want: dim3 type
  CHECK_CUDA(cudaLaunchCooperativeKernel((void*)normalize, grid, block, arguments, 0, nullptr));  // want: cudaLaunchCooperativeKernel call
  countNegative<<<cuda_util::divide_up(count, kBlock), kBlock>>>(data, negative, count);  // want: countNegative launch
  CHECK_CUDA(cudaDeviceSynchronize());  // want: cudaDeviceSynchronize call

  std::printf("length^2 was %.1f, element is %.8f, %d negative\n", sums[0], data[0], *negative);  // none
  sumEights<<<cuda_util::divide_up(count, kBlock), kBlock>>>(data, sums, count);  // want: sumEights launch
  CHECK_CUDA(cudaDeviceSynchronize());  // want: cudaDeviceSynchronize call
  std::printf("sum of eight: %.8f\n", sums[0]);

  CHECK_CUDA(cudaFree(negative));  // want: cudaFree call
  CHECK_CUDA(cudaFree(sums));  // want: cudaFree call
  CHECK_CUDA(cudaFree(data));
  return 0;
}
