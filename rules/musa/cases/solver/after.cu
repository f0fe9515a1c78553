#include <musa_runtime.h>
#include <musolver.h>

int factor(musolverDnHandle_t handle, int n, float *a, int *work) {
    musolverDnSgetrf_bufferSize(handle, n, n, a, n, work);
    return musolverDnSgeqrf_bufferSize(handle, n, n, a, n, work);
}
