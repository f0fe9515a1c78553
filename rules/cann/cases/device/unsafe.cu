#include <acl/acl.h>

int device() {
    int count = 0, current = 0, cores = 0, number = 0;
    aclrtGetDeviceCount((uint32_t*)(&count));
    aclrtSetDevice(1);
    aclrtGetDevice(&current);
    [&] { int64_t acl_value = 0; const aclError acl_error = aclrtGetDeviceInfo(current, ACL_DEV_ATTR_VECTOR_CORE_NUM, &acl_value); *(&cores) = (int)acl_value; return acl_error; }();
    aclsysGetVersionNum(const_cast<char*>("driver"), &number);
    aclsysGetVersionNum(const_cast<char*>("runtime"), &number);
    aclrtSynchronizeDevice();
    aclrtResetDeviceForce(1);
    return cores;
}
