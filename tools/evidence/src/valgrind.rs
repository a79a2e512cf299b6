//! Client requests to valgrind.
//!
//! A client request is an instruction sequence that has no effect on a processor but that valgrind
//! recognises (`valgrind.h`, "amd64"): four rotations of `rdi` by 128 bits in all, then `xchg rbx,
//! rbx`, with the address of the request in `rax`. These few lines replace a binding that would
//! require valgrind's headers and libclang for every build of the workspace.

/// Sends a request about these bytes to the tool with these two letters (`VG_USERREQ_TOOL_BASE`).
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "a client request is an instruction sequence")]
pub(crate) fn request(tool: [u8; 2], number: usize, bytes: *mut u8, length: usize) {
    let base = usize::from(tool[0]) << 24 | usize::from(tool[1]) << 16;
    let request = [base + number, bytes.addr(), length, 0, 0, 0];
    // SAFETY: on a processor the sequence leaves every register but the flags unchanged. Valgrind
    // reads the request, which outlives it, and writes its answer to rdx. Passing the address of
    // the bytes tells the compiler that they may change.
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

/// Other architectures have another sequence. Without it nothing is requested, and the programs
/// fail because their controls are not found.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn request(_tool: [u8; 2], _number: usize, bytes: *mut u8, _length: usize) {
    core::hint::black_box(bytes);
}
