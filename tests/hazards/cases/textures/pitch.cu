#include <cuda_runtime.h>
cudaTextureObject_t over(float *image, int width, int height, int stride) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypePitch2D;  // hazard: pitch
  resource.res.pitch2D.devPtr = image;
  resource.res.pitch2D.pitchInBytes = stride * sizeof(float);
  cudaTextureDesc texture = {};
  cudaTextureObject_t object;
  cudaCreateTextureObject(&object, &resource, &texture, nullptr);
  return object;
}
