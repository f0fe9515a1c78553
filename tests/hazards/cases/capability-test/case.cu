#include <cuda_runtime.h>
bool fast() {
  cudaDeviceProp prop;
  cudaGetDeviceProperties(&prop, 0);
  if (prop.major >= 7) return true;  // hazard: major
  int both = prop.major * 10 + prop.minor;
  return both == 75;
}
