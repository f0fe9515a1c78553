#include <cuda_runtime.h>
__global__ void kernel(double *x) {  // hazard: double
  double y = x[0];
  x[1] = y;
}
__device__ float half_of(float v) { return v * 0.5f; }
double host(double x) { return x * 2; }
void run(double *x) { kernel<<<1, 1>>>(x); }
__device__ float narrow(double v) { return float(v); }
