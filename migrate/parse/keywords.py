"""Words known without being told: C++ keywords, CUDA's qualifiers, attribute macros of public libraries.

The macro names were collected from the public sources of CUTLASS, CuTe, CCCL (CUB, Thrust, libcu++), PyTorch, Eigen,
ggml, LLVM, Abseil and Windows' headers; they matter where a project includes such a library without carrying its
headers along.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


#: Words of C++ (and two of C) that no macro list may ever hold, though projects do write `#define inline`.
KEYWORDS = _words(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
    default delete do double dynamic_cast else enum explicit export extern false final float for friend goto if
    inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq override private
    protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert
    static_cast struct switch template this thread_local throw true try typedef typeid typename union unsigned
    using virtual void volatile wchar_t while xor xor_eq size_t defined NULL"""
)

#: The words that begin inline assembly.
ASSEMBLY = (b"asm", b"__asm__", b"__asm")

#: CUDA's words that say where code runs or data lives.
DEVICE_WORDS = _words("__global__ __device__ __tile_global__")
HOST_WORDS = _words("__host__")

#: Every word of CUDA that qualifies a declaration; the caller is told where they stood.
CUDA_QUALIFIERS = (
    DEVICE_WORDS
    | HOST_WORDS
    | _words(
        """__shared__ __constant__ __managed__ __grid_constant__ __launch_bounds__ __cluster_dims__ __block_size__
    __maxnreg__ __noinline__ __forceinline__ __inline_hint__ __restrict__ __align__ __builtin_align__
    __nv_pure__ __nv_register_params__ __device_builtin__ __device_builtin_texture_type__
    __device_builtin_surface_type__ __cudart_builtin__"""
    )
)

#: Qualifiers of CUDA and of compilers that the C++ grammar does not know, or not everywhere.
BLANKED = CUDA_QUALIFIERS | _words(
    """__restrict __forceinline __inline __inline__ __const__ __cdecl __stdcall __fastcall __vectorcall __thiscall
    __unaligned __w64 __extension__ __attribute__ __attribute __declspec alignas _Alignas __pragma _Pragma
    CUDART_CB CUDAAPI CUDARTAPI CUDA_CB WINAPI APIENTRY CALLBACK STDMETHODCALLTYPE"""
)

#: Those of `BLANKED` that take arguments in parentheses.
WITH_ARGUMENTS = _words(
    """__launch_bounds__ __cluster_dims__ __block_size__ __maxnreg__ __align__ __builtin_align__ __attribute__
    __attribute __declspec alignas _Alignas __pragma _Pragma"""
)

#: What the body of an attribute macro may hold.
QUALIFIERS = BLANKED | _words(
    """inline static constexpr consteval constinit extern volatile virtual friend explicit noexcept restrict
    thread_local __thread register __volatile__ __host __device"""
)

#: Attribute macros that make a function device code.
BUILT_IN_DEVICE = _words(
    """CUTLASS_DEVICE CUTLASS_HOST_DEVICE CUTLASS_GLOBAL CUTE_DEVICE CUTE_HOST_DEVICE CUTE_HOST_RTC C10_DEVICE
    C10_HOST_DEVICE TORCH_HOST_DEVICE GPU_LAMBDA AT_HOST_DEVICE _CCCL_DEVICE _CCCL_HOST_DEVICE _CCCL_DEVICE_API
    _CCCL_API _CCCL_TRIVIAL_API _CCCL_NODEBUG_API _CCCL_HOST_DEVICE_API _CCCL_PUBLIC_API
    _CCCL_PUBLIC_HOST_DEVICE_API _CCCL_PUBLIC_DEVICE_API _CCCL_TRIVIAL_HOST_DEVICE_API _CCCL_TRIVIAL_DEVICE_API
    _CCCL_KERNEL_ATTRIBUTES CCCL_DETAIL_KERNEL_ATTRIBUTES CUB_DETAIL_KERNEL_ATTRIBUTES
    THRUST_DETAIL_KERNEL_ATTRIBUTES CUB_RUNTIME_FUNCTION CDP_RUNTIME_FUNCTION THRUST_RUNTIME_FUNCTION
    _LIBCUDACXX_HIDE_FROM_ABI _LIBCUDACXX_INLINE_VISIBILITY EIGEN_DEVICE_FUNC __thrust_hd_warning_disable__
    KOKKOS_FUNCTION KOKKOS_INLINE_FUNCTION KOKKOS_FORCEINLINE_FUNCTION XGBOOST_DEVICE XGBOOST_DEV_INLINE
    DGL_DEVICE HOST_DEVICE HOST_DEVICE_INLINE DEVICE_INLINE MSHADOW_XINLINE MSHADOW_CINLINE NVBENCH_KERNEL
    RAFT_KERNEL RAFT_INLINE_FUNCTION RAFT_DEVICE_INLINE_FUNCTION _RAFT_HOST_DEVICE _RAFT_DEVICE CUDF_KERNEL
    CUDF_HOST_DEVICE CUCO_KERNEL RMM_KERNEL CUDA_CALLABLE CUDA_CALLABLE_MEMBER NVFUNCTION"""
)
BUILT_IN_HOST = _words(
    """CUTLASS_HOST CUTLASS_HOST_DEVICE CUTE_HOST CUTE_HOST_DEVICE CUTE_HOST_RTC C10_HOST C10_HOST_DEVICE
    TORCH_HOST_DEVICE AT_HOST_DEVICE _CCCL_HOST _CCCL_HOST_DEVICE _CCCL_HOST_API _CCCL_API _CCCL_TRIVIAL_API
    _CCCL_NODEBUG_API _CCCL_HOST_DEVICE_API _CCCL_PUBLIC_API _CCCL_PUBLIC_HOST_API _CCCL_PUBLIC_HOST_DEVICE_API
    _CCCL_TRIVIAL_HOST_DEVICE_API _CCCL_TRIVIAL_HOST_API CUB_RUNTIME_FUNCTION CDP_RUNTIME_FUNCTION
    THRUST_RUNTIME_FUNCTION _LIBCUDACXX_HIDE_FROM_ABI _LIBCUDACXX_INLINE_VISIBILITY EIGEN_DEVICE_FUNC
    KOKKOS_FUNCTION KOKKOS_INLINE_FUNCTION KOKKOS_FORCEINLINE_FUNCTION XGBOOST_DEVICE DGL_DEVICE HOST_DEVICE
    HOST_DEVICE_INLINE MSHADOW_XINLINE MSHADOW_CINLINE RAFT_INLINE_FUNCTION _RAFT_HOST_DEVICE CUDF_HOST_DEVICE
    CUDA_CALLABLE CUDA_CALLABLE_MEMBER"""
)

#: Every attribute macro known without a project.
BUILT_IN = (
    BUILT_IN_DEVICE
    | BUILT_IN_HOST
    | _words(
        """CUTLASS_GRID_CONSTANT CUTE_GRID_CONSTANT CUTLASS_CONSTEXPR_IF_CXX17 CUTE_INLINE_CONSTANT
    CUTE_GCC_UNREACHABLE CUTLASS_PRAGMA_UNROLL CUTLASS_PRAGMA_NO_UNROLL CUTLASS_GEMM_LOOP CUTE_UNROLL
    CUTE_NO_UNROLL C10_API C10_EXPORT C10_HIDDEN C10_ALWAYS_INLINE C10_NOINLINE C10_LAUNCH_BOUNDS_0 C10_CUDA_API
    C10_UNUSED C10_NODISCARD C10_API_ENUM TORCH_API TORCH_CUDA_API TORCH_CUDA_CPP_API TORCH_CUDA_CU_API
    TORCH_XPU_API C10_USED __hip_internal_builtin _CCCL_VISIBILITY_HIDDEN _CCCL_VISIBILITY_DEFAULT
    _CCCL_TYPE_VISIBILITY_DEFAULT _CCCL_TYPE_VISIBILITY_HIDDEN _CCCL_FORCEINLINE _CCCL_HIDE_FROM_ABI
    _CCCL_EXEC_CHECK_DISABLE _CCCL_SUPPRESS_DEPRECATED_PUSH _CCCL_SUPPRESS_DEPRECATED_POP _CCCL_NODISCARD
    _CCCL_CONSTEXPR_CXX20 _CCCL_CONSTEXPR_CXX23 _CCCL_ARTIFICIAL _CCCL_DEPRECATED _CCCL_DECLSPEC_EMPTY_BASES
    _CCCL_INTRINSIC _CCCL_NOINLINE _CCCL_GLOBAL_CONSTANT _CCCL_NO_UNIQUE_ADDRESS _LIBCUDACXX_TEMPLATE_VIS
    _LIBCUDACXX_TYPE_VIS _LIBCUDACXX_FUNC_VIS _NODISCARD CUB_NAMESPACE_BEGIN CUB_NAMESPACE_END
    THRUST_NAMESPACE_BEGIN THRUST_NAMESPACE_END CUB_NS_PREFIX CUB_NS_POSTFIX THRUST_NODISCARD THRUST_DEPRECATED
    CUB_FORCE_INLINE THRUST_FORCE_INLINE EIGEN_ALWAYS_INLINE EIGEN_STRONG_INLINE EIGEN_DONT_INLINE
    EIGEN_CONSTEXPR EIGEN_EMPTY_STRUCT_CTOR EIGEN_UNUSED GGML_API GGML_CUDA_RESTRICT GGML_BACKEND_API GGML_CALL
    GGML_RESTRICT GGML_NORETURN LLAMA_API SD_API GGML_COMMON_API GGML_EXTENSION __global_ptr__ PADDLE_API
    LGBM_EXPORT XGB_DLL DMLC_CXX11_THREAD_LOCAL MGB_API CV_EXPORTS CV_EXPORTS_W TF_EXPORT NVTE_API NATTEN_API
    DLL_PUBLIC NVSHMEM_DEVICE_INLINE ABSL_ATTRIBUTE_NOINLINE"""
    )
)

#: Function-like macros used as a statement or declaration without `;`, though not in capital letters.
BUILT_IN_FUNCTIONS = _words("checkCudaErrors getLastCudaError gpuErrchk cudaCheckError checkCuda")
