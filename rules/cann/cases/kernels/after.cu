// Kernels are written anew: their text is kept aside, the host calls what the kernel's build will provide.
#include <acl/acl.h>

// Doubles every element.
__global__ void scale(const float *__restrict__ from, float *to, int count) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) to[i] = 2.0f * from[i];
}

template <typename T, int N>
__global__ void __launch_bounds__(256) fill(T *to, T value) { to[threadIdx.x * N] = value; }

void elsewhere(const float *table);
namespace later {
__global__ void step(double *state);
}

void run(const float *from, float *to, int count, aclrtStream stream) {
    const dim3 grid(count / 256, 2), block(16, 16);
    scale<<<grid, block, 0, stream>>>(from, to, count);
    scale<<<dim3(count / 64, 4), 64>>>(from + 1, to, count);
    fill<float, 4><<<count / 1024, 256, 256 * sizeof(float), 0>>>(to, 1.0f);
    later::step<<<1, 1>>>(nullptr);
    aclrtSynchronizeStream(stream);
}
