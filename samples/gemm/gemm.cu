// Matrix product C = A * B twice: a tiled kernel in shared memory, and cuBLAS, which is the yardstick.
// cuBLAS stores by columns, so the row-major product is asked for as B^T * A^T.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cublas_v2.h>  // want: cublas_v2.h include
#include <cuda_fp16.h>  // want: cuda_fp16.h include
#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

#define CHECK_CUBLAS(call)  /* none */ \
  do { \
    const cublasStatus_t status_ = (call);  /* want: cublasStatus_t type */ \
    if (status_ != CUBLAS_STATUS_SUCCESS) {  /* want: CUBLAS_STATUS_SUCCESS constant */ \
      std::fprintf(stderr, "%s:%d: cuBLAS status %d\n", __FILE__, __LINE__, static_cast<int>(status_));  /* none */ \
      std::exit(EXIT_FAILURE); \
    } \
  } while (0)

template <int Tile>
__global__ void __launch_bounds__(Tile * Tile) gemmTiled(const float* a, const float* b, float* c, int n) {  // want: __global__ qualifier, __launch_bounds__ qualifier
  __shared__ float tileA[Tile][Tile];  // want: __shared__ qualifier
  __shared__ float tileB[Tile][Tile + 1];  // want: __shared__ qualifier
  const int row = blockIdx.y * Tile + threadIdx.y;  // want: blockIdx.y variable, threadIdx.y variable
  const int column = blockIdx.x * Tile + threadIdx.x;  // want: blockIdx.x variable, threadIdx.x variable

  float sum = 0.0f;
  for (int start = 0; start < n; start += Tile) {
    tileA[threadIdx.y][threadIdx.x] = a[row * n + start + threadIdx.x];  // want: threadIdx.y variable, threadIdx.x variable
    tileB[threadIdx.y][threadIdx.x] = b[(start + threadIdx.y) * n + column];  // want: threadIdx.y variable, threadIdx.x variable
    __syncthreads();  // want: __syncthreads call
#pragma unroll
    for (int k = 0; k < Tile; ++k) {
      sum = fmaf(tileA[threadIdx.y][k], tileB[k][threadIdx.x], sum);  // want: fmaf call, threadIdx.y variable, threadIdx.x variable
    }
    __syncthreads();  // want: __syncthreads call
  }
  c[row * n + column] = sum;
}

__global__ void toHalf(const float* from, __half* to, int count) {  // want: __global__ qualifier, __half type
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    to[i] = __float2half(from[i]);  // want: __float2half call
  }
}

static double largestDifference(const std::vector<float>& x, const std::vector<float>& y) {
  double norm = 0.0;  // none
  for (size_t i = 0; i < x.size(); ++i) {
    norm = std::fmax(norm, std::fabs(x[i] - y[i]));  // none
  }
  return norm;  // none
}

int main() {
  constexpr int kTile = 16;
  const int n = 1024;
  const size_t count = size_t(n) * n, bytes = count * sizeof(float);
  std::vector<float> a(count), b(count), mine(count), theirs(count);
  for (size_t i = 0; i < count; ++i) {
    a[i] = float(std::rand()) / RAND_MAX;
    b[i] = float(std::rand()) / RAND_MAX;
  }

  float *deviceA, *deviceB, *deviceC;
  CHECK_CUDA(cudaMalloc(&deviceA, bytes));  // want: cudaMalloc call
  CHECK_CUDA(cudaMalloc(&deviceB, bytes));
  CHECK_CUDA(cudaMalloc(&deviceC, bytes));
  CHECK_CUDA(cudaMemcpy(deviceA, a.data(), bytes, cudaMemcpyHostToDevice));  // want: cudaMemcpy call, cudaMemcpyHostToDevice constant
  CHECK_CUDA(cudaMemcpy(deviceB, b.data(), bytes, cudaMemcpyHostToDevice));

  const dim3 block(kTile, kTile);  // want: dim3 type
  const dim3 grid(n / kTile, n / kTile);  // want: dim3 type
  cuda_util::Timer tiledTimer;  // none
  gemmTiled<kTile><<<grid, block>>>(deviceA, deviceB, deviceC, n);  // want: gemmTiled launch
  const float tiledTime = tiledTimer.milliseconds();
  CHECK_CUDA(cudaMemcpy(mine.data(), deviceC, bytes, cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant

  cublasHandle_t handle;  // want: cublasHandle_t type
  CHECK_CUBLAS(cublasCreate(&handle));  // want: cublasCreate call
  CHECK_CUBLAS(cublasSetStream(handle, nullptr));  // want: cublasSetStream call
  const float one = 1.0f, zero = 0.0f;
  cuda_util::Timer blasTimer;
  CHECK_CUBLAS(cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n,  // want: cublasSgemm call, CUBLAS_OP_N constant
                           &one, deviceB, n, deviceA, n, &zero, deviceC, n));
  const float blasTime = blasTimer.milliseconds();
  CHECK_CUDA(cudaMemcpy(theirs.data(), deviceC, bytes, cudaMemcpyDeviceToHost));
  std::printf("tiled %.3f ms, cublasSgemm %.3f ms, difference %g\n", tiledTime, blasTime,  // none
              largestDifference(mine, theirs));

  // The same product from half-precision inputs, summed in single precision.
  __half *halfA, *halfB;  // want: __half type
  CHECK_CUDA(cudaMalloc(&halfA, count * sizeof(__half)));  // want: cudaMalloc call, __half type
  CHECK_CUDA(cudaMalloc(&halfB, count * sizeof(__half)));  // want: cudaMalloc call, __half type
  toHalf<<<cuda_util::divide_up(count, 256), 256>>>(deviceA, halfA, count);  // want: toHalf launch
  toHalf<<<cuda_util::divide_up(count, 256), 256>>>(deviceB, halfB, count);  // want: toHalf launch
#if CUDART_VERSION >= 11000  // want: CUDART_VERSION macro
  const cublasComputeType_t compute = CUBLAS_COMPUTE_32F;  // want: cublasComputeType_t type, CUBLAS_COMPUTE_32F constant
#else
  const cudaDataType compute = CUDA_R_32F;  // want: cudaDataType type, CUDA_R_32F constant
#endif
  CHECK_CUBLAS(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH));  // want: cublasSetMathMode call, CUBLAS_DEFAULT_MATH constant
  CHECK_CUBLAS(cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, halfB, CUDA_R_16F, n,  // want: cublasGemmEx call, CUBLAS_OP_N constant, CUDA_R_16F constant
                            halfA, CUDA_R_16F, n, &zero, deviceC, CUDA_R_32F, n, compute, CUBLAS_GEMM_DEFAULT));  // want: CUDA_R_16F constant, CUDA_R_32F constant, CUBLAS_GEMM_DEFAULT constant
  CHECK_CUDA(cudaMemcpy(theirs.data(), deviceC, bytes, cudaMemcpyDeviceToHost));
  std::printf("cublasGemmEx difference %g\n", largestDifference(mine, theirs));  // none

  CHECK_CUBLAS(cublasDestroy(handle));  // want: cublasDestroy call
  for (void* pointer : {(void*)deviceA, (void*)deviceB, (void*)deviceC, (void*)halfA, (void*)halfB}) {
    CHECK_CUDA(cudaFree(pointer));  // want: cudaFree call
  }
  return 0;
}
