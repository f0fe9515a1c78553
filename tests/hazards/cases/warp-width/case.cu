// Lines that end in a hazard comment hold that detail; all others hold none.
#include <cuda_runtime.h>
#define WARP_SIZE 32  // hazard: constant
#define HALF_WARP (WARP_SIZE / 2)
#define NUM_WARPS 32
constexpr int kWarpSize = 1 << 5;  // hazard: constant
const unsigned LOG_WARP_SIZE = 5;  // hazard: constant
enum { LANES_PER_WARP = 32, OTHER = 32 };  // hazard: constant
template <int WARP_THREADS = 32>  // hazard: constant
__device__ int warp_id() { return threadIdx.x / WARP_THREADS; }
static constexpr __device__ int physical_warp_size() {  // hazard: constant
  return 32;
}
__global__ void kernel(float *in, unsigned *bits, int n) {
  __shared__ float lanes[32];  // hazard: shared
  __shared__ float tile[32][33];
  int tid = threadIdx.x;
  int lane = tid & 31;  // hazard: arithmetic
  int warp = tid >> 5;  // hazard: arithmetic
  int count = (blockDim.x + 31) / 32;  // hazard: arithmetic
  int first = warp * 32;  // hazard: arithmetic
  float sum = in[tid];
  for (int step = 16; step > 0; step >>= 1)  // hazard: shuffle
    sum += __shfl_down_sync(0xffffffff, sum, step);
  for (int step = 16; step > 0; step >>= 1)
    sum += __shfl_xor_sync(0xffffffff, sum, step, 32);
  for (int step = WARP_SIZE / 2; step > 0; step >>= 1)
    sum += __shfl_down_sync(0xffffffff, sum, step);
  sum += __shfl_down_sync(0xffffffff, sum, 16);  // hazard: shuffle
  if (lane == 31) lanes[lane] = sum;  // hazard: arithmetic
  if (tid < 32) sum = lanes[tid];  // hazard: first-warp
  bits[n / 32] |= 1u << (n % 32);
  bits[tid / 32] |= 1u << (tid % 32);
  tile[0][0] = sum + first + count + n / 32;
}
__global__ void __launch_bounds__(32) small(float *x);  // hazard: block
template <int W> __device__ float warp_sum(float v);
void host(float *x) {
  small<<<4, 32>>>(x);  // hazard: block
  kernel<<<4, 256>>>(x, nullptr, 5);
  int words = 1000 / 32;
}
__device__ float sum_of(float v) { return warp_sum<32>(v); }  // hazard: template
__global__ void collective(float *x) {
  using Sum = cub::WarpReduce<float>;  // hazard: collective
  using Part = cub::WarpReduce<float, 16>;
  using Exchange = cub::WarpExchange<int, 4>;  // hazard: collective
  x[0] = 1;
}
