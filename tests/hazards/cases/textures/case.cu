#include <cuda_runtime.h>
__global__ void kernel(cudaTextureObject_t t, float *x) {
  x[0] = tex2D<float>(t, 1.0f, 2.0f);  // hazard: texture
  x[1] = tex1Dfetch<float>(t, 3);  // hazard: texture
  x[2] = my_tex2D(t, 3);
}
