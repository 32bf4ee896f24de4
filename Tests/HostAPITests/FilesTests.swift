// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Testing

@Suite struct FilesTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write("hello", to: "in/a.txt")
        try folder.write("secret", to: "outside.txt")
        try folder.makeFolder("out")
    }

    private func host(
        _ grant: FileGrant = FileGrant(read: ["in", "out"], write: ["out"]), limits: HostLimits = .standard
    ) throws -> TestHost {
        try TestHost(Files(base: folder.path), grant, limits: limits)
    }

    @Test("Each operation is refused where the grant does not have it")
    func denied() async throws {
        try folder.write("x", to: "out/x")
        let none = try host(FileGrant())
        let other = try host(FileGrant(read: ["out"], write: ["in"]))
        for (host, path) in [
            (none, "in/a.txt"), (other, "in/a.txt"), (other, "outside.txt"), (other, "."), (other, "inx"),
            (other, "/outside.txt"),
        ] {
            for operation in ["read", "stream", "list", "stat"] {
                #expect(await host.failure("files.\(operation)", .string(path)) == .denied, "\(operation) \(path)")
            }
        }
        for (host, path) in [
            (none, "out/x"), (other, "out/x"), (other, "out"), (other, "outside.txt"), (other, "."),
            (other, "in/../outside.txt"),
        ] {
            for operation in ["write", "append", "create", "remove", "mkdir"] {
                #expect(
                    await host.failure("files.\(operation)", .string(path), .string("y")) == .denied,
                    "\(operation) \(path)")
            }
            #expect(await host.failure("files.patch", .string(path), .string("y"), .number(0)) == .denied)
            #expect(await host.failure("files.rename", .string(path), .string("in/new")) == .denied)
            #expect(await host.failure("files.rename", .string("in/a.txt"), .string(path)) == .denied)
        }
        #expect(folder.text("out/x") == "x")
        #expect(folder.text("outside.txt") == "secret")
        let error = await #expect(throws: HostError.self) { try await none.call("files.read", .string("in/a.txt")) }
        #expect(
            error?.message == #"reading "in/a.txt" is not granted; a files grant that reads "in/a.txt" would allow it"#)
    }

    @Test("The granted folder itself is not changed")
    func rootItself() async throws {
        let host = try host()
        for (operation, second) in [
            ("remove", HostValue.undefined), ("rename", .string("out/x")), ("write", .string("x")),
            ("append", .string("x")), ("create", .undefined), ("mkdir", .undefined),
        ] {
            #expect(await host.failure("files.\(operation)", .string("out"), second) == .denied, "\(operation)")
        }
        #expect(try folder.names() == ["in", "out", "outside.txt"])
    }

    @Test(
        "Malformed paths are refused",
        arguments: [
            "", "a\0b", "out/\0", "../x", "out/../../x", "/../x", "..", String(repeating: "a/", count: 3000),
            "out/" + String(repeating: "x", count: 256), "out/.rookery-x", "out/.rookery-x/y",
        ])
    func paths(path: String) async throws {
        let host = try host(FileGrant(read: ["."], write: ["."]))
        for operation in ["read", "stream", "write", "create", "append", "patch", "list", "stat", "remove", "mkdir"] {
            #expect(
                await host.failure("files.\(operation)", .string(path), .string("x"), .number(0)) == .invalidArgument,
                "\(operation)")
        }
        #expect(await host.failure("files.rename", .string("in/a.txt"), .string(path)) == .invalidArgument)
        #expect(await host.failure("files.rename", .string(path), .string("in/b.txt")) == .invalidArgument)
    }

    @Test("Arguments of wrong types and sizes are refused")
    func arguments() async throws {
        let host = try host()
        let wrong: [HostValue] = [
            .undefined, .null, .number(1), .bytes([0xff]), .json("{}".data), .boolean(true), .list([]),
        ]
        for operation in host.table.operations {
            for value in wrong {
                #expect(await host.failure(operation, value) == .invalidArgument, "\(operation) \(value)")
            }
        }
        for value in wrong where value != .bytes([0xff]) {
            #expect(await host.failure("files.write", .string("out/x"), value) == .invalidArgument)
            #expect(await host.failure("files.append", .string("out/x"), value) == .invalidArgument)
        }
        for number: HostValue in [
            .number(-1), .number(0.5), .number(.nan), .number(.infinity), .number(1e300), .string("0"),
        ] {
            #expect(await host.failure("files.read", .string("in/a.txt"), number) == .invalidArgument)
            #expect(await host.failure("files.read", .string("in/a.txt"), .undefined, number) == .invalidArgument)
            #expect(await host.failure("files.patch", .string("out/x"), .string("x"), number) == .invalidArgument)
            #expect(await host.failure("files.stream", .string("in/a.txt"), number) == .invalidArgument)
            #expect(await host.failure("files.list", .string("in"), .string(""), number) == .invalidArgument)
        }
        #expect(
            await host.failure(
                "files.write", .string("out/x"), .bytes([UInt8](repeating: 0, count: Files.mostBytesAtOnce + 1)))
                == .invalidArgument)
        #expect(await host.failure("files.write", .string("out/x"), .string(""), .string("yes")) == .invalidArgument)
        #expect(try folder.names(in: "out").isEmpty)
    }

    @Test("Files are read whole, in parts, and past their end")
    func reading() async throws {
        let host = try host()
        #expect(try await host.call("files.read", .string("in/a.txt")) == .bytes("hello".data))
        #expect(try await host.call("files.read", .string("/in/./x/../a.txt")) == .bytes("hello".data))
        #expect(try await host.call("files.read", .string("in/a.txt"), .number(1), .number(3)) == .bytes("ell".data))
        #expect(try await host.call("files.read", .string("in/a.txt"), .number(4), .number(100)) == .bytes("o".data))
        #expect(try await host.call("files.read", .string("in/a.txt"), .number(5)) == .bytes([]))
        #expect(try await host.call("files.read", .string("in/a.txt"), .number(9e15)) == .bytes([]))
        #expect(await host.failure("files.read", .string("in/missing")) == .notFound)
        #expect(await host.failure("files.read", .string("in/a.txt/b")) == .notFound)
        #expect(await host.failure("files.read", .string("in")) == .invalidArgument)
        #expect(host.scope.meter.used(.heldBytes) == 0)
        let small = try self.host(limits: HostLimits([.heldBytes: 20]))
        #expect(await small.failure("files.read", .string("in/a.txt")) == nil)
        try folder.write("0123456789abc", to: "in/b.txt")
        #expect(await small.failure("files.read", .string("in/b.txt")) == .exhausted)
    }

    @Test("A stream brings the file in chunks, also one that was replaced meanwhile")
    func streaming() async throws {
        let host = try host(FileGrant(read: ["out"], write: ["out"]))
        let whole = String((0..<300_000).map { _ in "0123456789" }.joined())
        _ = try await host.call("files.write", .string("out/big"), .string(whole))
        guard case .stream(let stream) = try await host.call("files.stream", .string("out/big"), .number(5)) else {
            Issue.record("no stream")
            return
        }
        _ = try await host.call("files.write", .string("out/big"), .string("new"))
        var bytes: [UInt8] = []
        var chunks = 0
        while let chunk = try await stream.read(atMost: .max) {
            #expect(chunk.count <= 1 << 20)
            bytes += chunk
            chunks += 1
        }
        #expect(bytes == Array(whole.utf8.dropFirst(5)))
        #expect(chunks == 3)
        #expect(try await stream.read(atMost: 1) == nil)
        #expect(host.scope.meter.used(.openStreams) == 0)
    }

    @Test("So many streams are open at a time, and cancelled ones are closed")
    func openStreams() async throws {
        let host = try host(limits: HostLimits([.openStreams: 2]))
        var streams: [any ByteStream] = []
        for _ in 0..<2 {
            if case .stream(let stream) = try await host.call("files.stream", .string("in/a.txt")) {
                streams.append(stream)
            }
        }
        #expect(await host.failure("files.stream", .string("in/a.txt")) == .exhausted)
        #expect(await host.failure("files.create", .string("out/x")) == .exhausted)
        streams[0].cancel()
        #expect(try await streams[0].read(atMost: 1) == nil)
        #expect(await host.failure("files.stream", .string("in/a.txt")) == nil)
        streams = []
        while host.scope.meter.used(.openStreams) > 0 { await Task.yield() }
    }

    @Test("A write replaces a file whole and keeps its permissions, or makes a new one")
    func writing() async throws {
        let host = try host()
        _ = try await host.call("files.write", .string("out/x"), .string("one"))
        try folder.setPermissions(0o4750, of: "out/x")
        _ = try await host.call("files.write", .string("out/x"), .bytes([0xff, 0]))
        #expect(try await host.call("files.read", .string("out/x")) == .bytes([0xff, 0]))
        #expect(try folder.permissions(of: "out/x") == 0o750)
        #expect(await host.failure("files.write", .string("out/x"), .string(""), .boolean(true)) == .conflict)
        #expect(await host.failure("files.write", .string("out/y"), .string("y"), .boolean(true)) == nil)
        #expect(await host.failure("files.write", .string("out/none/y"), .string("y")) == .notFound)
        #expect(await host.failure("files.write", .string("out/x/y"), .string("y")) == .notFound)
        #expect(try folder.names(in: "out") == ["x", "y"])
    }

    @Test("Appending and patching change a file itself")
    func changing() async throws {
        let host = try host()
        _ = try await host.call("files.append", .string("out/x"), .string("ab"))
        _ = try await host.call("files.append", .string("out/x"), .string("cd"))
        _ = try await host.call("files.patch", .string("out/x"), .string("XY"), .number(3))
        #expect(folder.text("out/x") == "abcXY")
        _ = try await host.call("files.patch", .string("out/y"), .string("z"), .number(2))
        #expect(folder.text("out/y") == "\0\0z")
    }

    @Test("A sink's file takes its name when it is finished, and never if it is given up")
    func sinks() async throws {
        try folder.write("old", to: "out/x")
        let host = try host()
        guard case .sink(let first) = try await host.call("files.create", .string("out/x")),
            case .sink(let second) = try await host.call("files.create", .string("out/x"))
        else {
            Issue.record("no sinks")
            return
        }
        try await first.write("new ".data)
        try await second.write("never".data)
        #expect(folder.text("out/x") == "old")
        let listing = try await host.call("files.list", .string("out"))
        #expect(
            listing.json == #"{"entries":[{"name":"x","kind":"file"}]}"#
                || listing.json == #"{"entries":[{"kind":"file","name":"x"}]}"#)
        try await first.write("text".data)
        second.cancel()
        try await first.finish()
        #expect(folder.text("out/x") == "new text")
        await #expect(throws: HostError.self) { try await first.write("more".data) }
        await #expect(throws: HostError.self) { try await second.finish() }
        #expect(try folder.names(in: "out") == ["x"])
    }

    @Test("Names are listed in order and in pages, and say what they are")
    func listing() async throws {
        for name in ["b", "a", "c", "e\u{301}"] { try folder.write("", to: "in/d/\(name)") }
        try folder.makeFolder("in/d/f")
        try folder.makePipe("in/d/p")
        try folder.link("in/d/l", to: "a")
        struct Page: Decodable, Equatable {
            struct Entry: Decodable, Equatable { let name, kind: String }
            let entries: [Entry]
            let next: String?
        }
        let host = try host()
        var next: HostValue = .undefined
        var all: [String] = []
        repeat {
            let page = try await host.call("files.list", .string("in/d"), next, .number(3)).decode(Page.self)
            all += page.entries.map { "\($0.name) \($0.kind)" }
            next = page.next.map { .string($0) } ?? .undefined
        } while next != .undefined
        #expect(all == ["a file", "b file", "c file", "e\u{301} file", "f folder", "l link", "p other"])
        #expect(await host.failure("files.list", .string("in/a.txt")) == .notFound)
        let status = try await host.call("files.stat", .string("in/a.txt")).json
        #expect(status?.contains(#""size":5"#) == true && status?.contains(#""kind":"file""#) == true)
        #expect(await host.failure("files.stat", .string("in/none")) == .notFound)
    }

    @Test("Files and folders are made, moved and removed")
    func naming() async throws {
        let host = try host()
        #expect(await host.failure("files.mkdir", .string("out/a/b")) == .notFound)
        #expect(await host.failure("files.mkdir", .string("out/a/b"), .boolean(true)) == nil)
        #expect(await host.failure("files.mkdir", .string("out/a/b"), .boolean(true)) == nil)
        #expect(await host.failure("files.mkdir", .string("out/a/b")) == .conflict)
        _ = try await host.call("files.write", .string("out/a/b/x"), .string("x"))
        #expect(await host.failure("files.remove", .string("out/a")) == .conflict)
        #expect(await host.failure("files.rename", .string("out/a"), .string("out/a/b/c")) == .invalidArgument)
        _ = try await host.call("files.rename", .string("out/a/b/x"), .string("out/y"))
        #expect(folder.text("out/y") == "x")
        for path in ["out/a/b", "out/a", "out/y"] { _ = try await host.call("files.remove", .string(path)) }
        #expect(try folder.names(in: "out").isEmpty)
        #expect(await host.failure("files.remove", .string("out/y")) == .notFound)
        #expect(await host.failure("files.rename", .string("out/y"), .string("out/z")) == .notFound)
    }

    @Test("What may be written and not read is not moved to where it could be read")
    func moving() async throws {
        try folder.write("top secret", to: "out/secret/y")
        try folder.makeFolder("out/x")
        let host = try host(FileGrant(read: ["in", "out/x/y"], write: ["."]))
        for (source, target) in [
            ("out/secret/y", "in/y"), ("out/secret", "in/s"), ("out/secret", "out/x"), ("outside.txt", "out/x/y"),
        ] {
            #expect(
                await host.failure("files.rename", .string(source), .string(target)) == .denied, "\(source) \(target)")
        }
        #expect(await host.failure("files.rename", .string("out/secret"), .string("out/other")) == nil)
        #expect(await host.failure("files.rename", .string("in/a.txt"), .string("in/b.txt")) == nil)
        #expect(await host.failure("files.rename", .string("in/b.txt"), .string("out/b.txt")) == nil)
    }

    @Test("No symbolic link leads out, whatever names it; links that stay inside can be read, not written")
    func links() async throws {
        try folder.link("out/absolute", to: folder.path("outside.txt"))
        try folder.link("out/relative", to: "../outside.txt")
        try folder.link("out/up", to: "..")
        try folder.link("out/root", to: "/")
        try folder.link("out/self", to: "/proc/self/cwd")
        try folder.link("out/inside", to: "real")
        try folder.link("out/loop", to: "loop")
        try folder.write("real", to: "out/real")
        let host = try host()
        for path in [
            "out/absolute", "out/relative", "out/up", "out/up/outside.txt", "out/root/etc/passwd", "out/self/x",
            "out/loop",
        ] {
            for operation in ["read", "stream", "stat", "list"] {
                let code = await host.failure("files.\(operation)", .string(path))
                #expect(code == .denied || operation == "list" && code == .notFound, "\(operation) \(path)")
            }
            #expect(await host.failure("files.append", .string(path), .string("x")) == .denied, "\(path)")
            #expect(await host.failure("files.patch", .string(path), .string("x"), .number(0)) == .denied)
        }
        for path in ["out/up/x", "out/root/tmp/x", "out/self/x"] {
            for operation in ["write", "append", "create", "mkdir", "remove"] {
                let second: HostValue = operation == "mkdir" ? .boolean(true) : .string("x")
                let code = await host.failure("files.\(operation)", .string(path), second)
                #expect(code == .denied || code == .notFound, "\(operation) \(path)")
            }
            let code = await host.failure("files.rename", .string("out/real"), .string(path))
            #expect(code == .denied || code == .notFound)
        }
        #expect(try await host.call("files.read", .string("out/inside")) == .bytes("real".data))
        for operation in ["write", "append"] {
            let code = await host.failure("files.\(operation)", .string("out/inside"), .string("x"))
            #expect(code == .denied || code == .invalidArgument)
        }
        #expect(folder.text("out/real") == "real")
        #expect(folder.text("outside.txt") == "secret")
        _ = try await host.call("files.remove", .string("out/absolute"))
        #expect(folder.text("outside.txt") == "secret")
    }

    @Test("Pipes and devices are refused, and nothing waits for them")
    func devices() async throws {
        try folder.makePipe("out/pipe")
        let host = try host()
        for operation in ["read", "stream", "write", "append"] {
            #expect(
                await host.failure(
                    "files.\(operation)", .string("out/pipe"),
                    operation == "read" || operation == "stream" ? .undefined : .string("x")) == .invalidArgument,
                "\(operation)")
        }
        let devices = try TestHost(Files(base: "/dev"), FileGrant(read: ["."], write: ["null"]))
        #expect(await devices.failure("files.read", .string("zero")) == .invalidArgument)
        #expect(await devices.failure("files.append", .string("null"), .string("x")) == .invalidArgument)
        #expect(await devices.failure("files.write", .string("null"), .string("x")) == .invalidArgument)
    }

    @Test("A grant of one file, there already or not, is of that name only and of no link")
    func singleFiles() async throws {
        try folder.link("linked", to: "outside.txt")
        let host = try host(FileGrant(read: ["in/a.txt", "linked"], write: ["new.txt", "outside.txt"]))
        #expect(try await host.call("files.read", .string("in/a.txt")) == .bytes("hello".data))
        #expect(await host.failure("files.read", .string("in/b.txt")) == .denied)
        #expect(await host.failure("files.list", .string("in")) == .denied)
        #expect(await host.failure("files.read", .string("linked")) == .denied)
        #expect(await host.failure("files.write", .string("new.txt"), .string("n")) == nil)
        #expect(await host.failure("files.write", .string("new.txt2"), .string("n")) == .denied)
        #expect(await host.failure("files.read", .string("new.txt")) == .denied)
        #expect(try folder.names() == ["in", "linked", "new.txt", "out", "outside.txt"])
        #expect(throws: GrantError.self) { try self.host(FileGrant(read: ["none/none"])) }
        #expect(throws: GrantError.self) { try self.host(FileGrant(read: ["../x"])) }
        #expect(throws: GrantError.self) { try Files(base: "relative") }
    }

    @Test("Relative paths begin in the current folder")
    func current() async throws {
        let host = try TestHost(Files(base: folder.path, current: "in"), FileGrant(read: ["in"]))
        #expect(try await host.call("files.read", .string("a.txt")) == .bytes("hello".data))
        #expect(try await host.call("files.read", .string("/in/a.txt")) == .bytes("hello".data))
        #expect(await host.failure("files.read", .string("../outside.txt")) == .denied)
    }

    @Test("A quota counts what was there, what is written, and what goes")
    func quotas() async throws {
        try folder.write("12345", to: "out/old")
        let host = try host(FileGrant(read: ["out"], write: ["out"], mostBytes: 10, mostFiles: 3))
        #expect(await host.failure("files.write", .string("out/new"), .string("123456")) == .exhausted)
        #expect(await host.failure("files.write", .string("out/new"), .string("12345")) == nil)
        #expect(await host.failure("files.append", .string("out/new"), .string("x")) == .exhausted)
        #expect(await host.failure("files.patch", .string("out/new"), .string("x"), .number(4)) == nil)
        #expect(await host.failure("files.patch", .string("out/new"), .string("x"), .number(5)) == .exhausted)
        #expect(await host.failure("files.patch", .string("out/new"), .string("x"), .number(9e15)) == .exhausted)
        #expect(await host.failure("files.append", .string("out/third"), .string("x")) == .exhausted)
        #expect(try folder.names(in: "out") == ["new", "old"])
        #expect(await host.failure("files.remove", .string("out/old")) == nil)
        #expect(await host.failure("files.append", .string("out/new"), .string("12345")) == nil)
        #expect(await host.failure("files.mkdir", .string("out/f")) == nil)
        #expect(await host.failure("files.mkdir", .string("out/f/g")) == nil)
        #expect(await host.failure("files.mkdir", .string("out/f/h")) == .exhausted)
        #expect(await host.failure("files.remove", .string("out/f/g")) == nil)
        #expect(await host.failure("files.rename", .string("out/new"), .string("out/f/new")) == nil)
        guard case .sink(let sink) = try await host.call("files.create", .string("out/f/sink")) else {
            Issue.record("no sink")
            return
        }
        await #expect(throws: HostError.self) { try await sink.write("x".data) }
        #expect(await host.failure("files.remove", .string("out/f/new")) == nil)
        #expect(await host.failure("files.write", .string("out/f/x"), .string("1234567890")) == nil)
        #expect(try folder.names(in: "out/f") == ["x"])
    }

    @Test("A write in the place of a larger file needs room for both while it lasts")
    func replacingWithinQuota() async throws {
        let host = try host(FileGrant(read: ["out"], write: ["out"], mostBytes: 10))
        for _ in 0..<5 { #expect(await host.failure("files.write", .string("out/x"), .string("12345")) == nil) }
        #expect(await host.failure("files.write", .string("out/x"), .string("123456")) == .exhausted)
        #expect(folder.text("out/x") == "12345")
    }

    @Test("A call that was cancelled before its turn does nothing")
    func cancelling() async throws {
        let host = try host()
        for operation in host.table.operations {
            let code: HostError.Code? = await withCheckedContinuation { continuation in
                let call = host.begin(operation, [.string("out/x"), .string("out/y"), .undefined]) { result in
                    if case .failure(let error) = result {
                        continuation.resume(returning: error.code)
                    } else {
                        continuation.resume(returning: nil)
                    }
                }
                call?.cancel()
            }
            #expect(code == .cancelled || code == .notFound || code == .invalidArgument || code == nil, "\(operation)")
        }
        host.scope.end()
        #expect(await host.failure("files.write", .string("out/z"), .string("z")) == .cancelled)
    }
}
