#include <cuda_runtime.h>
#define BLOCKS 70000
__global__ void __launch_bounds__(1024) one(float *x);  // hazard: bounds, registers
__global__ void __launch_bounds__(256, 4) two(float *x);  // hazard: bounds, registers, second-bound
template <int N, int M>
__global__ void __launch_bounds__(N, M) three(float *x);  // hazard: second-bound
void host(float *x, int n) {
  one<<<BLOCKS, 256>>>(x);  // hazard: grid
  one<<<dim3(300, 300), 256>>>(x);  // hazard: grid
  one<<<n, 256>>>(x);
}
#ifdef PLAIN
#define __launch_bounds__(x, y)
#endif
