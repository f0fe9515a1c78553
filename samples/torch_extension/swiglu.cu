// A PyTorch extension: the SwiGLU activation silu(gate) * up as one kernel for float, double and half.
// Built by setup.py beside it; needs PyTorch.
#include <ATen/AccumulateType.h>
#include <ATen/cuda/CUDAContext.h>  // want: ATen/cuda/CUDAContext.h include
#include <c10/cuda/CUDAGuard.h>  // want: c10/cuda/CUDAGuard.h include
#include <cuda.h>  // want: cuda.h include
#include <cuda_runtime.h>  // want: cuda_runtime.h include
#include <torch/extension.h>

#include <algorithm>

namespace swiglu {
namespace cuda {  // none

constexpr int kBlock = 256;

// silu in the type in which sums are made: float for half, the type itself otherwise.
template <typename T>
__device__ __forceinline__ T silu(T x) {  // want: __device__ qualifier, __forceinline__ qualifier
  return x / (T(1) + exp(-x));  // want: exp call
}

template <typename scalar_t, typename sum_t>
__global__ void forward(const scalar_t* gate, const scalar_t* up, scalar_t* out, int64_t count) {  // want: __global__ qualifier
  const int64_t stride = int64_t(gridDim.x) * blockDim.x;  // want: gridDim.x variable, blockDim.x variable
  for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
    out[i] = static_cast<scalar_t>(silu(static_cast<sum_t>(gate[i])) * static_cast<sum_t>(up[i]));  // none
  }
}

template <typename scalar_t, typename sum_t>
__global__ void backward(const scalar_t* grad, const scalar_t* gate, const scalar_t* up, scalar_t* gradGate,  // want: __global__ qualifier
                         scalar_t* gradUp, int64_t count) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;  // want: blockIdx.x variable, blockDim.x variable, threadIdx.x variable
  if (i < count) {
    const sum_t g = static_cast<sum_t>(gate[i]), d = static_cast<sum_t>(grad[i]);
    const sum_t sigmoid = sum_t(1) / (sum_t(1) + exp(-g));  // want: exp call
    gradUp[i] = static_cast<scalar_t>(d * g * sigmoid);
    gradGate[i] = static_cast<scalar_t>(d * static_cast<sum_t>(up[i]) * sigmoid * (1 + g * (1 - sigmoid)));
  }
}

static int blocksFor(int64_t count) {
  const cudaDeviceProp* properties = at::cuda::getCurrentDeviceProperties();  // want: cudaDeviceProp type, at::cuda::getCurrentDeviceProperties call
  const int processors = properties->multiProcessorCount;  // want: cudaDeviceProp.multiProcessorCount member
  return static_cast<int>(std::min<int64_t>((count + kBlock - 1) / kBlock, 32 * processors));  // none
}

}  // namespace cuda

static void checkInput(const torch::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.is_cuda(), name, " must be a CUDA tensor");
  TORCH_CHECK(tensor.is_contiguous(), name, " must be contiguous");
}

torch::Tensor forward(torch::Tensor gate, torch::Tensor up) {  // none
  checkInput(gate, "gate");
  checkInput(up, "up");
  const c10::cuda::CUDAGuard guard(gate.device());  // want: c10::cuda::CUDAGuard type
  torch::Tensor out = torch::empty_like(gate);
  const int64_t count = gate.numel();
  cudaStream_t stream = at::cuda::getCurrentCUDAStream();  // want: cudaStream_t type, at::cuda::getCurrentCUDAStream call

  AT_DISPATCH_FLOATING_TYPES_AND_HALF(gate.scalar_type(), "swiglu_forward", [&] {
    using sum_t = at::acc_type<scalar_t, true>;
    cuda::forward<scalar_t, sum_t><<<cuda::blocksFor(count), cuda::kBlock, 0, stream>>>(  // want: cuda::forward launch
        gate.data_ptr<scalar_t>(), up.data_ptr<scalar_t>(), out.data_ptr<scalar_t>(), count);
  });
  C10_CUDA_KERNEL_LAUNCH_CHECK();  // want: C10_CUDA_KERNEL_LAUNCH_CHECK call
  return out;
}

std::vector<torch::Tensor> backward(torch::Tensor grad, torch::Tensor gate, torch::Tensor up) {
  checkInput(grad, "grad");
  const c10::cuda::CUDAGuard guard(gate.device());  // want: c10::cuda::CUDAGuard type
  torch::Tensor gradGate = torch::empty_like(gate), gradUp = torch::empty_like(up);
  const int64_t count = gate.numel();

  AT_DISPATCH_FLOATING_TYPES_AND_HALF(gate.scalar_type(), "swiglu_backward", [&] {
    using sum_t = at::acc_type<scalar_t, true>;
    const dim3 grid((count + cuda::kBlock - 1) / cuda::kBlock);  // want: dim3 type
    cuda::backward<scalar_t, sum_t><<<grid, cuda::kBlock, 0, at::cuda::getCurrentCUDAStream()>>>(  // want: cuda::backward launch, at::cuda::getCurrentCUDAStream call
        grad.data_ptr<scalar_t>(), gate.data_ptr<scalar_t>(), up.data_ptr<scalar_t>(),
        gradGate.data_ptr<scalar_t>(), gradUp.data_ptr<scalar_t>(), count);
  });
  C10_CUDA_CHECK(cudaGetLastError());  // want: C10_CUDA_CHECK call, cudaGetLastError call
  return {gradGate, gradUp};
}

}  // namespace swiglu

PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) {
  module.def("forward", &swiglu::forward, "SwiGLU forward (CUDA)");  // none
  module.def("backward", &swiglu::backward, "SwiGLU backward (CUDA)");  // none
}
