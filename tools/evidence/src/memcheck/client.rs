//! Requests to memcheck that mark memory (`memcheck.h`).

/// Marks these bytes as a secret (`VALGRIND_MAKE_MEM_UNDEFINED`).
pub fn conceal(bytes: &mut [u8]) {
    request(1, bytes.as_mut_ptr(), bytes.len());
}

/// Marks these bytes as public (`VALGRIND_MAKE_MEM_DEFINED`).
pub fn reveal(bytes: &mut [u8]) {
    request(2, bytes.as_mut_ptr(), bytes.len());
}

/// Marks a value as public, but not the memory that it points to.
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
    fn requests_have_no_effect_without_valgrind() {
        let mut bytes = *b"secret";
        conceal(&mut bytes);
        assert_eq!(&bytes, b"secret");
        reveal(&mut bytes);
        assert_eq!(&bytes, b"secret");
    }
}
