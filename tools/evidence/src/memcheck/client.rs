//! Asking memcheck to mark memory (`memcheck.h`).

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

fn request(number: usize, bytes: *mut u8, length: usize) {
    crate::valgrind::request(*b"MC", number, bytes, length);
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
