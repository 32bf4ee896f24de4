// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Registry
import Testing

@Suite("The administrator's token") struct TokenTests {
    @Test("A token is made on the first start, is the owner's alone, and stays")
    func made() throws {
        let folder = try TestFolder()
        let first = try AdminToken(environment: nil, in: DataFolder(folder.path))
        #expect(first.source == .newFile)
        let text = try #require(folder.text("admin-token")).trimmingSuffix { $0.isNewline }
        #expect(text.count == 64)
        #expect(try folder.permissions(of: "admin-token") == 0o600)
        let second = try AdminToken(environment: nil, in: DataFolder(folder.path))
        #expect(second.source == .file)
        for token in [first, second] {
            #expect(token.matches(text.utf8))
            #expect(
                !token.matches("".utf8) && !token.matches(text.dropLast().utf8) && !token.matches((text + "0").utf8))
            #expect(!token.matches(text.uppercased().utf8) || text.uppercased() == String(text))
            #expect(!token.matches(repeatElement(UInt8(ascii: "a"), count: 1 << 20)))
            var shown = "\(token)"
            dump(token, to: &shown)
            #expect(!shown.contains(text))
        }
    }

    @Test("The token of the environment comes first, and no file is made for it")
    func environment() throws {
        let folder = try TestFolder()
        let token = try AdminToken(environment: "0123456789abcdef", in: DataFolder(folder.path))
        #expect(token.source == .environment && token.matches("0123456789abcdef".utf8))
        #expect(try !folder.names().contains("admin-token"))
    }

    @Test(
        "A token that is short, or that no header can carry, is refused",
        arguments: ["", "short", "0123456789abcde", "0123456789 abcdef", "0123456789abcdé", "0123456789abcdef\n"])
    func bad(_ text: String) throws {
        let folder = try TestFolder()
        let error = #expect(throws: RegistryError.self) {
            try AdminToken(environment: text, in: DataFolder(folder.path))
        }
        #expect(error?.description.contains("ROOKERY_ADMIN_TOKEN") == true)
        #expect(error?.description.contains("0123456789") == false)
    }

    @Test("A file that others may read, or that is no token, is refused", arguments: [0o644, 0o660, 0o602, 0o600])
    func badFile(_ permissions: Int) throws {
        let folder = try TestFolder()
        try folder.make()
        try folder.write(Array("0123456789abcdef\n".utf8), to: "admin-token", permissions: permissions)
        if permissions == 0o600 {
            #expect(try AdminToken(environment: nil, in: DataFolder(folder.path)).matches("0123456789abcdef".utf8))
            try folder.write(Array("0123".utf8), to: "admin-token")
        }
        let error = #expect(throws: RegistryError.self) {
            try AdminToken(environment: nil, in: DataFolder(folder.path))
        }
        #expect(error?.kind == (permissions == 0o600 ? .corrupt : .exposed))
    }

    @Test("A link in the place of the file is not followed")
    func link() throws {
        let folder = try TestFolder()
        try folder.make()
        try folder.write(Array("0123456789abcdef".utf8), to: "other")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("admin-token"), withDestinationPath: folder.path("other"))
        #expect(throws: RegistryError.self) { try AdminToken(environment: nil, in: DataFolder(folder.path)) }
    }
}

@Suite("Wrong tokens") struct WrongTokenTests {
    @Test("So many wrong tokens at once, then one an interval; another source is not concerned")
    func burst() {
        var tokens = WrongTokens(burst: 3, interval: .seconds(10))
        for second in 0..<3 {
            #expect(tokens.delay(for: "a", at: .seconds(second)) == nil)
            tokens.failed("a", at: .seconds(second))
        }
        #expect(tokens.delay(for: "a", at: .seconds(2)) == .seconds(8))
        #expect(tokens.delay(for: "b", at: .seconds(2)) == nil)
        #expect(tokens.delay(for: "a", at: .seconds(10)) == nil)
        tokens.failed("a", at: .seconds(10))
        #expect(tokens.delay(for: "a", at: .seconds(10)) == .seconds(10))
        #expect(tokens.delay(for: "a", at: .seconds(1000)) == nil)
        for _ in 0..<3 { tokens.failed("a", at: .seconds(1000)) }
        #expect(tokens.delay(for: "a", at: .seconds(1001)) == .seconds(9))
    }

    @Test("A right token ends it")
    func success() {
        var tokens = WrongTokens(burst: 1)
        tokens.failed("a", at: .zero)
        #expect(tokens.delay(for: "a", at: .zero) != nil)
        tokens.succeeded("a")
        #expect(tokens.delay(for: "a", at: .zero) == nil && tokens.count == 0)
    }

    @Test("Many sources take bounded memory and are slowed down together; those who were well before are not")
    func manySources() {
        var tokens = WrongTokens(burst: 5, interval: .seconds(10), mostSources: 100)
        for index in 0..<10_000 { tokens.failed("\(index)", at: .seconds(1)) }
        #expect(tokens.count == 100)
        #expect(tokens.delay(for: "new", at: .seconds(1)) != nil)
        #expect(tokens.delay(for: "5", at: .seconds(1)) == nil)
        // Those who have waited are forgotten.
        #expect(tokens.delay(for: "new", at: .seconds(100)) == nil)
        tokens.failed("new", at: .seconds(100))
        #expect(tokens.count == 1)
    }

    @Test("A clock that goes back does no harm")
    func backwards() {
        var tokens = WrongTokens(burst: 1, interval: .seconds(10))
        tokens.failed("a", at: .seconds(100))
        #expect(tokens.delay(for: "a", at: .seconds(50)) == .seconds(60))
        tokens.failed("a", at: .seconds(50))
        #expect(tokens.delay(for: "a", at: .seconds(110)) == nil)
    }
}
