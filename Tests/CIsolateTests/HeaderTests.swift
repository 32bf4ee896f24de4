// SPDX-License-Identifier: Apache-2.0
import CHeaderTests
import CIsolate
import Testing

@Suite struct HeaderTests {
    @Test("The headers mean the same in C17 and C++17")
    func sizes() {
        var c = [Int](repeating: 0, count: 32)
        var cpp = [Int](repeating: 0, count: 32)
        let counts = unsafe (header_sizes_c17(&c, 32), header_sizes_cpp17(&cpp, 32))
        #expect(counts.0 == counts.1)
        #expect(c == cpp)
    }

    @Test("The loaded V8 is the one the headers describe")
    func versions() {
        let loaded = unsafe String(cString: ci_engine_version())
        #expect(loaded.hasPrefix(unsafe String(cString: ci_engine_header_version())))
        #expect(ci_abi_version() == CI_ABI_VERSION)
    }

    @Test("A struct of another size is refused")
    func otherSize() {
        var options = unsafe ci_isolate_options_t()
        unsafe options.size = 1
        var isolate: OpaquePointer?
        #expect(unsafe ci_isolate_new(&options, &isolate) == .invalid)
        #expect(unsafe isolate == nil)
    }

    @Test("Disposing zeroed values, errors and bytes is harmless")
    func disposeNothing() {
        var value = unsafe ci_value_t()
        var error = unsafe ci_error_t()
        unsafe ci_value_dispose(&value)
        unsafe ci_error_dispose(&error)
        ci_bytes_dispose(nil)
    }
}
