// Rotates a picture with a texture: bilinear filtering and clamping come from the hardware.
// The old texture reference, removed in CUDA 12, stands under its version guard. This file begins with a BOM.
#include <cmath>
#include <cstdio>
#include <vector>

#include <cuda_runtime.h>  // want: cuda_runtime.h include

#include "../common/check.cuh"

#if CUDART_VERSION < 12000  // want: CUDART_VERSION macro
texture<float, 2, cudaReadModeElementType> oldPicture;  // want: texture type, cudaReadModeElementType constant

__global__ void rotateOld(float* out, int width, int height, float angle) {  // want: __global__ qualifier
  const int x = blockIdx.x * blockDim.x + threadIdx.x;
  const int y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x < width && y < height) {
    out[y * width + x] = tex2D(oldPicture, x * cosf(angle), y * sinf(angle));  // want: tex2D call, cosf call, sinf call
  }
}
#endif

__global__ void rotate(cudaTextureObject_t picture, float* out, int width, int height, float angle) {  // want: __global__ qualifier, cudaTextureObject_t type
  const int x = blockIdx.x * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  const int y = blockIdx.y * blockDim.y + threadIdx.y;  // want: blockIdx.y variable, blockDim.y variable, threadIdx.y variable
  if (x >= width || y >= height) {
    return;
  }
  float sine, cosine;
  sincosf(angle, &sine, &cosine);  // want: sincosf call
  const float u = x / float(width) - 0.5f;
  const float v = y / float(height) - 0.5f;
  out[y * width + x] = tex2D<float>(picture, u * cosine - v * sine + 0.5f, v * cosine + u * sine + 0.5f);  // want: tex2D call
}

// Adds a border through a surface, which writes where a texture only reads.
__global__ void border(cudaSurfaceObject_t surface, int width, int height) {  // want: __global__ qualifier, cudaSurfaceObject_t type
  const int x = blockIdx.x * blockDim.x + threadIdx.x;
  if (x < width) {
    surf2Dwrite(1.0f, surface, x * sizeof(float), 0);  // want: surf2Dwrite call
    surf2Dwrite(1.0f, surface, x * sizeof(float), height - 1, cudaBoundaryModeTrap);  // want: surf2Dwrite call, cudaBoundaryModeTrap constant
  }
}

int main() {
  const int width = 512, height = 256;
  const size_t pitch = width * sizeof(float);
  std::vector<float> host(size_t(width) * height);
  for (int i = 0; i < width * height; ++i) {
    host[i] = ((i / 32) + (i / width / 32)) % 2 ? 1.0f : 0.0f;
  }
  const char* texture = "checkerboard";  // none

  const cudaChannelFormatDesc format = cudaCreateChannelDesc<float>();  // want: cudaChannelFormatDesc type, cudaCreateChannelDesc call
  cudaArray_t array = nullptr;  // want: cudaArray_t type
  CHECK_CUDA(cudaMallocArray(&array, &format, width, height, cudaArraySurfaceLoadStore));  // want: cudaMallocArray call, cudaArraySurfaceLoadStore macro
  CHECK_CUDA(cudaMemcpy2DToArray(array, 0, 0, host.data(), pitch, pitch, height, cudaMemcpyHostToDevice));  // want: cudaMemcpy2DToArray call, cudaMemcpyHostToDevice constant

  cudaResourceDesc resource{};  // want: cudaResourceDesc type
  resource.resType = cudaResourceTypeArray;  // want: cudaResourceDesc.resType member, cudaResourceTypeArray constant
  resource.res.array.array = array;

  cudaTextureDesc sampling{};  // want: cudaTextureDesc type
  sampling.addressMode[0] = cudaAddressModeClamp;  // want: cudaTextureDesc.addressMode member, cudaAddressModeClamp constant
  sampling.addressMode[1] = cudaAddressModeClamp;  // want: cudaTextureDesc.addressMode member, cudaAddressModeClamp constant
  sampling.filterMode = cudaFilterModeLinear;  // want: cudaTextureDesc.filterMode member, cudaFilterModeLinear constant
  sampling.readMode = cudaReadModeElementType;  // want: cudaTextureDesc.readMode member, cudaReadModeElementType constant
  sampling.normalizedCoords = 1;  // want: cudaTextureDesc.normalizedCoords member

  cudaTextureObject_t picture = 0;  // want: cudaTextureObject_t type
  cudaSurfaceObject_t surface = 0;  // want: cudaSurfaceObject_t type
  CHECK_CUDA(cudaCreateTextureObject(&picture, &resource, &sampling, nullptr));  // want: cudaCreateTextureObject call
  CHECK_CUDA(cudaCreateSurfaceObject(&surface, &resource));  // want: cudaCreateSurfaceObject call

  float* out = nullptr;
  size_t outPitch = 0;
  CHECK_CUDA(cudaMallocPitch(&out, &outPitch, pitch, height));  // want: cudaMallocPitch call
  const dim3 block(16, 16), grid(width / 16, height / 16);  // want: dim3 type
  border<<<width / 256, 256>>>(surface, width, height);  // want: border launch
  rotate<<<grid, block>>>(picture, out, width, height, 0.5f);  // want: rotate launch
  CHECK_CUDA(cudaGetLastError());  // want: cudaGetLastError call
  CHECK_CUDA(cudaMemcpy(host.data(), out, host.size() * sizeof(float), cudaMemcpyDeviceToHost));  // want: cudaMemcpy call, cudaMemcpyDeviceToHost constant

  double mean = 0.0;
  for (float pixel : host) {
    mean += pixel / host.size();
  }
  std::printf("tex2D of a %s: mean %.4f\n", texture, mean);  // none

  CHECK_CUDA(cudaDestroyTextureObject(picture));  // want: cudaDestroyTextureObject call
  CHECK_CUDA(cudaDestroySurfaceObject(surface));  // want: cudaDestroySurfaceObject call
  CHECK_CUDA(cudaFreeArray(array));  // want: cudaFreeArray call
  CHECK_CUDA(cudaFree(out));
  return 0;
}
