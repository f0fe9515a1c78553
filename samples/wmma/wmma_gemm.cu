// Matrix product on tensor cores through the WMMA interface: one warp computes a 16 x 16 tile of the result.
// Half-precision inputs, single-precision sums; bfloat16 where the architecture has it.
#include <cstdio>
#include <vector>

#include <cuda_bf16.h>  // want: cuda_bf16.h include
#include <cuda_fp16.h>  // want: cuda_fp16.h include
#include <cuda_runtime.h>  // want: cuda_runtime.h include
#include <mma.h>  // want: mma.h include

#include "../common/check.cuh"

using namespace nvcuda;  // want: nvcuda namespace

constexpr int kTile = 16;

__global__ void wmmaGemm(const half* a, const half* b, float* c, int n) {  // want: __global__ qualifier, half type
  const int warpRow = blockIdx.y * blockDim.y + threadIdx.y;  // want: blockIdx.y variable, blockDim.y variable, threadIdx.y variable
  const int warpColumn = (blockIdx.x * blockDim.x + threadIdx.x) / warpSize;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable, warpSize variable

  wmma::fragment<wmma::matrix_a, kTile, kTile, kTile, half, wmma::row_major> tileA;  // want: nvcuda::wmma::fragment type, nvcuda::wmma::matrix_a type, half type, nvcuda::wmma::row_major type
  wmma::fragment<wmma::matrix_b, kTile, kTile, kTile, half, wmma::col_major> tileB;  // want: nvcuda::wmma::fragment type, nvcuda::wmma::matrix_b type, half type, nvcuda::wmma::col_major type
  wmma::fragment<wmma::accumulator, kTile, kTile, kTile, float> sum;  // want: nvcuda::wmma::fragment type, nvcuda::wmma::accumulator type
  wmma::fill_fragment(sum, 0.0f);  // want: nvcuda::wmma::fill_fragment call

  for (int k = 0; k < n; k += kTile) {
    wmma::load_matrix_sync(tileA, a + warpRow * kTile * n + k, n);  // want: nvcuda::wmma::load_matrix_sync call
    wmma::load_matrix_sync(tileB, b + warpColumn * kTile * n + k, n);  // want: nvcuda::wmma::load_matrix_sync call
    wmma::mma_sync(sum, tileA, tileB, sum);  // want: nvcuda::wmma::mma_sync call
  }
  for (int i = 0; i < sum.num_elements; ++i) {
    float& value = sum.x[i];
    value = fminf(value, 65504.0f);  // want: fminf call
  }
  float* corner = c + warpRow * kTile * n + warpColumn * kTile;  // none
  wmma::store_matrix_sync(corner, sum, n, wmma::mem_row_major);  // want: nvcuda::wmma::store_matrix_sync call, nvcuda::wmma::mem_row_major constant
}

// The same instruction spelled in PTX, as tuned libraries do: one m16n8k16 step for one warp.
__device__ void mmaStep(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {  // want: __device__ qualifier
#if __CUDA_ARCH__ >= 800  // want: __CUDA_ARCH__ macro
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "  // want: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 ptx
               "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

__global__ void oneStep(float* out) {  // want: __global__ qualifier
  const half2 one = __float2half2_rn(1.0f);  // want: half2 type, __float2half2_rn call
  const unsigned ones = *reinterpret_cast<const unsigned*>(&one);
  const unsigned a[4] = {ones, ones, ones, ones}, b[2] = {ones, ones};
  float d[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  mmaStep(d, a, b);  // none
  out[threadIdx.x] = d[0];  // want: threadIdx.x variable
}

__global__ void bfloatRow(const float* in, __nv_bfloat16* out, int count) {  // want: __global__ qualifier, __nv_bfloat16 type
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ >= 800)  // want: __CUDA_ARCH__ macro
  if (i < count) {
    out[i] = __hmul(__float2bfloat16(in[i]), __float2bfloat16(2.0f));  // want: __hmul call, __float2bfloat16 call
  }
#else
  if (i < count) {
    out[i] = __float2bfloat16(in[i] * 2.0f);  // want: __float2bfloat16 call
  }
#endif
}

int main() {
  int device = 0, major = 0;
  CHECK_CUDA(cudaGetDevice(&device));  // want: cudaGetDevice call
  CHECK_CUDA(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));  // want: cudaDeviceGetAttribute call, cudaDevAttrComputeCapabilityMajor constant
  if (major < 7) {
    std::printf("wmma::mma_sync needs compute capability 7.0\n");  // none
    return 0;
  }

  const int n = 512;
  const size_t count = size_t(n) * n;
  std::vector<half> ones(count, __float2half(1.0f));  // want: half type, __float2half call
  half *a = nullptr, *b = nullptr;  // want: half type
  float* c = nullptr;
  __nv_bfloat16* row = nullptr;  // want: __nv_bfloat16 type
  CHECK_CUDA(cudaMalloc(&a, count * sizeof(half)));  // want: cudaMalloc call, half type
  CHECK_CUDA(cudaMalloc(&b, count * sizeof(half)));  // want: cudaMalloc call, half type
  CHECK_CUDA(cudaMalloc(&c, count * sizeof(float)));
  CHECK_CUDA(cudaMalloc(&row, n * sizeof(__nv_bfloat16)));  // want: cudaMalloc call, __nv_bfloat16 type
  CHECK_CUDA(cudaMemcpy(a, ones.data(), count * sizeof(half), cudaMemcpyHostToDevice));  // want: cudaMemcpy call, half type, cudaMemcpyHostToDevice constant
  CHECK_CUDA(cudaMemcpy(b, ones.data(), count * sizeof(half), cudaMemcpyHostToDevice));  // want: cudaMemcpy call, half type, cudaMemcpyHostToDevice constant

  const dim3 block(128, 4);  // want: dim3 type
  const dim3 grid(n / kTile / 4, n / kTile / 4);  // want: dim3 type
  wmmaGemm<<<grid, block>>>(a, b, c, n);  // want: wmmaGemm launch
  CHECK_CUDA(cudaGetLastError());
  float corner = 0.0f, step = 0.0f;
  CHECK_CUDA(cudaMemcpy(&corner, c + count - 1, sizeof(float), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant
  bfloatRow<<<1, n>>>(c, row, n);  // want: bfloatRow launch
  oneStep<<<1, 32>>>(c);  // want: oneStep launch
  CHECK_CUDA(cudaMemcpy(&step, c, sizeof(float), cudaMemcpyDeviceToHost));
  std::printf("last element %.1f (expected %d), one step %.1f (expected 16 on sm_80)\n", corner, n, step);  // none

  for (void* pointer : {(void*)a, (void*)b, (void*)c, (void*)row}) {
    CHECK_CUDA(cudaFree(pointer));  // want: cudaFree call
  }
  return corner == n ? 0 : 1;
}
