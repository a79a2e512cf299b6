//! Asking valgrind for something from within.
//!
//! A client request is an instruction sequence that does nothing on a processor and that valgrind knows (`valgrind.h`,
//! "amd64"): four rotations of `rdi` by 128 bits in all, then `xchg rbx, rbx`, with the address of the request in `rax`.
//! These few lines stand for a binding that would ask every build of the workspace for valgrind's headers and for libclang.

/// A request to the tool with these two letters (`VG_USERREQ_TOOL_BASE`), about these bytes.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "a client request is an instruction sequence")]
pub(crate) fn request(tool: [u8; 2], number: usize, bytes: *mut u8, length: usize) {
    let base = usize::from(tool[0]) << 24 | usize::from(tool[1]) << 16;
    let request = [base + number, bytes.addr(), length, 0, 0, 0];
    // SAFETY: on a processor the sequence leaves every register but the flags as it was. Valgrind reads the request, which
    // outlives it, and writes its answer to rdx. That the bytes may change is said by handing on their address.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") request.as_ptr(),
            in("rcx") bytes,
            inout("rdx") 0_usize => _,
            options(nostack),
        );
    }
}

/// Elsewhere the sequence is another one; without it nothing is asked, and the programs fail for want of what they look for.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn request(_tool: [u8; 2], _number: usize, bytes: *mut u8, _length: usize) {
    core::hint::black_box(bytes);
}
