#include <acl/acl.h>

bool streams(int least) {
    aclrtStream one, two;
    aclrtCreateStream(&one);
    aclrtCreateStreamWithConfig(&one, 0, 0);
    aclrtCreateStreamWithConfig(&two, 0, 0);
    aclrtCreateStreamWithConfig(&two, least, 0);
    aclrtSynchronizeStream(one);
    bool done = [&] { aclrtStreamStatus acl_status; return aclrtStreamQuery(two, &acl_status) == ACL_SUCCESS && acl_status == ACL_STREAM_STATUS_COMPLETE; }();
    aclmdlRICaptureStatus status;
    [&] { aclmdlRI acl_model; return aclmdlRICaptureGetInfo(one, &status, &acl_model); }();
    aclrtDestroyStream(two);
    return done;
}
