#include <cuda_runtime.h>
void host(void *p, size_t n, int device, cudaStream_t stream) {
  cudaMemPrefetchAsync(p, n, device, stream);
  cudaMemLocation place;
  place.type = cudaMemLocationTypeDevice;
  place.id = device;
  cudaMemPrefetchAsync(p, n, place, 0);  // hazard: newer
  cudaMemPrefetchAsync(p, n, device_of(p), 0, stream);  // hazard: newer
  cudaMemAdvise(p, n, cudaMemAdviseSetReadMostly, {cudaMemLocationTypeDevice, 0});  // hazard: newer
  cudaMemAdvise(p, n, cudaMemAdviseSetReadMostly, device);
}
