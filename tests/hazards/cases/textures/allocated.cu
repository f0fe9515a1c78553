#include <cuda_runtime.h>
// the runtime chooses the pitch
cudaTextureObject_t over(int width, int height) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypePitch2D;
  cudaMallocPitch(&resource.res.pitch2D.devPtr, &resource.res.pitch2D.pitchInBytes, width * sizeof(float), height);
  cudaTextureDesc texture = {};
  cudaTextureObject_t object;
  cudaCreateTextureObject(&object, &resource, &texture, nullptr);
  return object;
}
