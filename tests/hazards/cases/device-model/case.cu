#include <cuda_runtime.h>
struct Shape { __device__ virtual float area() const; };  // hazard: virtual
__global__ void child(float *x) { x[0] = 1; }
__global__ void parent(float *x) {
  child<<<1, 1>>>(x);  // hazard: dynamic-parallelism
}
__global__ void allocates(float **x) {
  x[0] = (float *)malloc(16);  // hazard: device-heap
}
__device__ int depth(int n) { return n > 0 ? depth(n - 1) : 0; }  // hazard: recursion
__global__ void places(Shape *s) { new (s) Shape(); }  // hazard: placement-new
void host(float *x) {
  child<<<1, 1>>>(x);
  float *y = (float *)malloc(16);
  apply([=] __device__ (int i) { x[i] = 0; });  // hazard: extended-lambda
  apply([=] (int i) { y[i] = 0; });
}
int again(int n) { return n > 0 ? again(n - 1) : 0; }
__device__ float apply(float (*function)(float), float v) { return function(v); }  // hazard: indirect-call
float apply_here(float (*function)(float), float v) { return function(v); }
