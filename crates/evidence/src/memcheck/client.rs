//! Asking memcheck to mark memory.
//!
//! A client request is an instruction sequence that does nothing on a processor and that valgrind knows (`valgrind.h`, "amd64"): four
//! rotations of `rdi` by 128 bits in all, then `xchg rbx, rbx`, with the address of the request in `rax`. These few
//! lines stand for a binding that would ask every build of the workspace for valgrind's headers and for libclang.

/// `VALGRIND_MAKE_MEM_UNDEFINED`: from here on these bytes are a secret.
pub fn conceal(bytes: &mut [u8]) {
    request(1, bytes.as_mut_ptr(), bytes.len());
}

/// `VALGRIND_MAKE_MEM_DEFINED`: from here on these bytes are public.
pub fn reveal(bytes: &mut [u8]) {
    request(2, bytes.as_mut_ptr(), bytes.len());
}

/// As [`reveal`], for a value; what it points to stays as it is.
pub fn reveal_value<T>(value: &mut T) {
    request(2, core::ptr::from_mut(value).cast(), size_of::<T>());
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "a client request is an instruction sequence")]
fn request(number: usize, bytes: *mut u8, length: usize) {
    /// `VG_USERREQ_TOOL_BASE('M', 'C')` of `memcheck.h`.
    const MEMCHECK: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;
    let request = [MEMCHECK + number, bytes.addr(), length, 0, 0, 0];
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

/// Elsewhere the sequence is another one; without it nothing is marked, and the program fails for want of a report.
#[cfg(not(target_arch = "x86_64"))]
fn request(_number: usize, bytes: *mut u8, _length: usize) {
    core::hint::black_box(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_valgrind_a_request_changes_nothing() {
        let mut bytes = *b"secret";
        conceal(&mut bytes);
        assert_eq!(&bytes, b"secret");
        reveal(&mut bytes);
        assert_eq!(&bytes, b"secret");
    }
}
