// 直方图：统计一幅灰度图中每个灰度级出现的次数，并做直方图均衡化。
// 本文件以 GB18030 编码保存，注释为中文，其中含有四字节编码的字符（例如微秒的符号 µs）；
// 字符串只用 ASCII，因为在 UTF-8 区域设置下 nvcc 不接受 GB18030 编码的字符串。
// 每个线程块先在共享内存中计数，最后用原子操作合并到全局内存；查找表放在常量内存中。
#include <chrono>
#include <cstdio>
#include <vector>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

constexpr int kBins = 256;
constexpr int kBlock = 256;

// 均衡化用的查找表，由主机写入。
__constant__ unsigned char lookup[kBins];  // want: __constant__ qualifier

// 统计直方图，每个线程处理四个像素。
__global__ void histogram(const uchar4* pixels, unsigned* bins, int count) {  // want: __global__ qualifier, uchar4 type
  __shared__ unsigned local[kBins];  // want: __shared__ qualifier
  local[threadIdx.x] = 0;  // want: threadIdx.x variable
  __syncthreads();  // want: __syncthreads call

  const int stride = blockDim.x * gridDim.x;  // want: blockDim.x variable, gridDim.x variable
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += stride) {  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
    const uchar4 four = pixels[i];  // want: uchar4 type
    atomicAdd(&local[four.x], 1u);
    atomicAdd(&local[four.y], 1u);
    atomicAdd(&local[four.z], 1u);
    atomicAdd(&local[four.w], 1u);
  }
  __syncthreads();  // want: __syncthreads call
  atomicAdd(&bins[threadIdx.x], local[threadIdx.x]);  // want: atomicAdd call, threadIdx.x variable
}

// 按查找表改写像素。
__global__ void equalize(uchar4* pixels, int count) {  // want: __global__ qualifier, uchar4 type
  const int i = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  if (i < count) {
    const uchar4 four = pixels[i];  // want: uchar4 type
    pixels[i] = make_uchar4(lookup[four.x], lookup[four.y], lookup[four.z], lookup[four.w]);
    if (i == 0) {
      printf("lookup[0] = %d\n", int(lookup[0]));  // want: printf call
    }
  }
}

// 由累计直方图算出查找表。
static void fillTable(const unsigned* bins, unsigned total, unsigned char* table) {
  unsigned long long sum = 0;
  for (int i = 0; i < kBins; ++i) {
    sum += bins[i];  // none
    table[i] = static_cast<unsigned char>(sum * (kBins - 1) / total);
  }
}

int main() {
  const int count = 1 << 20;  // 以四个像素为单位
  std::vector<uchar4> picture(count);  // want: uchar4 type
  for (int i = 0; i < count; ++i) {
    const unsigned char gray = static_cast<unsigned char>(i % 64 + 96);
    picture[i] = make_uchar4(gray, gray / 2, gray, gray);  // want: make_uchar4 call
  }

  uchar4* pixels = nullptr;  // want: uchar4 type
  unsigned* bins = nullptr;
  CHECK_CUDA(cudaMalloc(&pixels, count * sizeof(uchar4)));  // want: cudaMalloc call, uchar4 type
  CHECK_CUDA(cudaMalloc(&bins, kBins * sizeof(unsigned)));  // want: cudaMalloc call
  CHECK_CUDA(cudaMemset(bins, 0, kBins * sizeof(unsigned)));  // want: cudaMemset call
  CHECK_CUDA(cudaMemcpy(pixels, picture.data(), count * sizeof(uchar4), cudaMemcpyHostToDevice));  // want: cudaMemcpy call, uchar4 type, cudaMemcpyHostToDevice constant

  const auto start = std::chrono::steady_clock::now();  // none
  histogram<<<128, kBlock>>>(pixels, bins, count);  // want: histogram launch
  CHECK_CUDA(cudaGetLastError());  // want: cudaGetLastError call
  CHECK_CUDA(cudaDeviceSynchronize());  // want: cudaDeviceSynchronize call
  const auto stop = std::chrono::steady_clock::now();
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(stop - start).count();

  unsigned host[kBins];
  CHECK_CUDA(cudaMemcpy(host, bins, sizeof(host), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant
  unsigned char table[kBins];
  fillTable(host, 4u * count, table);  // none

  // 旧版本在这里调用 cudaMemcpyToSymbolAsync，现在用同步的 cudaMemcpyToSymbol，作者：黄誠。  // none
  CHECK_CUDA(cudaMemcpyToSymbol(lookup, table, sizeof(table)));  // want: cudaMemcpyToSymbol call
  equalize<<<cuda_util::divide_up(count, kBlock), kBlock>>>(pixels, count);  // want: equalize launch
  CHECK_CUDA(cudaMemcpy(picture.data(), pixels, count * sizeof(uchar4), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, uchar4 type, cudaMemcpyDeviceToHost constant

  unsigned long long total = 0;
  for (int i = 0; i < kBins; ++i) {
    total += host[i];
  }
  std::printf("%llu pixels, %lld microseconds before cudaMemcpy\n", total, static_cast<long long>(time));  // none
  CHECK_CUDA(cudaFree(bins));  // want: cudaFree call
  CHECK_CUDA(cudaFree(pixels));  // want: cudaFree call
  return total == 4ull * count ? 0 : 1;
}
