// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ExecutorServer

/// A case of the corpus: bytes that a client sends, and what comes back.
struct CorpusCase: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    /// Each scalar is a byte.
    let bytes: String
    let statuses: [Int]
    /// What the handler saw, as `Answering.corpus` says it.
    let echo: [String]
    let closes: Bool
    /// Whether NIOHTTP1's decoder, which is llhttp, takes it.
    let llhttp: Bool

    var testDescription: String { name }
    var octets: [UInt8] { bytes.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    static let all: [CorpusCase] = {
        guard let data = FileManager.default.contents(atPath: testFile("Corpus/requests.json")) else { return [] }
        return (try? JSONDecoder().decode([CorpusCase].self, from: data)) ?? []
    }()
}

extension Answering {
    /// Says method, target and the length of the body, between brackets.
    static let corpus = Answering { request, exchange in
        let what = "\(request.head.method) \(request.head.target)"
        switch request.body {
        case .none: exchange.respond(ResponseHead(status: 200), body: Array("[\(what)]".utf8))
        case .collected(let bytes):
            exchange.respond(ResponseHead(status: 200), body: Array("[\(what) \(bytes.count)]".utf8))
        case .stream(let body, _):
            collect(body) { bytes in
                exchange.respond(ResponseHead(status: 200), body: Array("[\(what) \(bytes.count)]".utf8))
            }
        }
    }
}

@Suite("Malformed and smuggling requests", .timeLimit(.minutes(2)))
struct CorpusTests {
    @Test("The corpus is there")
    func complete() { #expect(CorpusCase.all.count > 150) }

    @Test(
        "Each case is answered as it should be, and where it is no request the connection closes",
        arguments: CorpusCase.all)
    func answers(_ example: CorpusCase) async throws {
        try await withFront(.corpus) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send(example.octets)
            if !example.closes { try await client.send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") }
            let text = await client.untilEnd()
            #expect(text.statuses == example.statuses + (example.closes ? [] : [200]))
            let echoed = text.split(separator: "[").dropFirst().map { String($0.prefix { $0 != "]" }) }
            #expect(echoed == example.echo + (example.closes ? [] : ["GET /last"]))
        }
    }

    @Test(
        "Each case is answered the same when its bytes come one by one",
        arguments: CorpusCase.all.filter { $0.bytes.count < 500 })
    func drip(_ example: CorpusCase) throws {
        let whole = HeadReading.read(example.octets, step: .max)
        #expect(HeadReading.read(example.octets, step: 1) == whole)
        #expect(HeadReading.read(example.octets, step: 7) == whole)
    }

    @Test("What llhttp takes is known", arguments: CorpusCase.all)
    func llhttp(_ example: CorpusCase) {
        #expect(LLHTTP.read(example.octets).isAccepted == example.llhttp)
    }

    @Test("Whatever is taken, llhttp takes too and reads the same in it")
    func differential() {
        var random = Generator(state: 0x5eed)
        let short = CorpusCase.all.filter { $0.bytes.count < 400 }
        let good = short.filter { !$0.closes }
        let seeds = (short + good + good + good).map(\.octets)
        let tokens = [
            "\r\n", "\n", "\r", " ", ":", ",", ";", "\0", "\t", "0", "chunked", "Host: x\r\n", "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n", "HTTP/1.1", "\u{7f}",
        ]
        .map { Array($0.utf8) }
        var taken = 0
        for _ in 0..<50_000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: if bytes.count > 1 { bytes.remove(at: place) }
                case 2: bytes.insert(contentsOf: tokens[Int.random(in: 0..<tokens.count, using: &random)], at: place)
                default: bytes.insert(bytes[place], at: place)
                }
            }
            let ours = HeadReading.read(bytes, step: .max)
            guard case .messages(let messages) = ours, !messages.isEmpty, LLHTTP.knows(messages) else { continue }
            // llhttp takes no tab behind a length, which RFC 9110 allows as it does a space.
            if bytes.contains(Octet.tab) { continue }
            taken += 1
            let theirs = LLHTTP.read(bytes)
            #expect(theirs.messages == messages, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        #expect(taken > 1000)
    }
}

/// What a reader finds in bytes.
struct ReadMessage: Equatable {
    var method: String
    var target: String
    var fields: [String]
    var body: [UInt8]
}

/// The front's parser and decoder without sockets.
enum HeadReading: Equatable {
    case messages([ReadMessage])
    case refused(Int)

    static func read(_ bytes: [UInt8], step: Int) -> HeadReading {
        var parser = RequestHeadParser(limits: FrontLimits())
        var messages: [ReadMessage] = []
        var input = ByteBuffer()
        var end = 0
        do {
            while end < bytes.count {
                let next = min(bytes.count, end + min(step, bytes.count))
                input.writeBytes(bytes[end..<next])
                end = next
                var whole = end == bytes.count || step == 1
                while whole, let message = try take(&parser, &input, isLast: end == bytes.count) {
                    messages.append(message)
                    whole = input.readableBytes > 0
                }
            }
        } catch {
            return .refused(error.status)
        }
        return .messages(messages)
    }

    private static func take(
        _ parser: inout RequestHeadParser, _ input: inout ByteBuffer, isLast: Bool
    ) throws(Refusal) -> ReadMessage? {
        let buffer = input
        let span = buffer.readableBytesUInt8Span
        guard let shape = try parser.parse(span) else { return nil }
        var message = ReadMessage(
            method: span.text(shape.method), target: span.text(shape.target),
            fields: parser.fields.map { "\(span.text($0.name)): \(span.text($0.value))".ascii }, body: [])
        var rest = input
        rest.moveReaderIndex(forwardBy: shape.length)
        switch shape.framing {
        case .none: break
        case .length(let length):
            guard let body = rest.readBytes(length: length) else { return nil }
            message.body = body
        case .chunked:
            var decoder = ChunkDecoder()
            reading: while true {
                switch try decoder.next(&rest, FrontLimits()) {
                case .needsMore: return nil
                case .data(let piece): message.body += piece.readableBytesView
                case .ended: break reading
                }
            }
        }
        input = rest
        return message
    }
}

/// NIOHTTP1's decoder.
struct LLHTTP {
    var messages: [ReadMessage] = []
    var isAccepted = false

    /// Whether llhttp has heard of the methods: it takes no others.
    static func knows(_ messages: [ReadMessage]) -> Bool {
        messages.allSatisfy { ["GET", "POST", "OPTIONS", "PROPFIND"].contains($0.method) && $0.target.hasPrefix("/") }
    }

    static func read(_ bytes: [UInt8]) -> LLHTTP {
        var result = LLHTTP()
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var failed = false
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch { failed = true }
        var open: ReadMessage?
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                open = ReadMessage(
                    method: head.method.rawValue, target: path(head.uri),
                    fields: head.headers.map { "\($0.name): \($0.value.trimmingBlanks())".ascii }, body: [])
            case .body(let piece): open?.body += piece.readableBytesView
            case .end:
                if let open { result.messages.append(open) }
                open = nil
            }
        }
        result.isAccepted = !failed && (open != nil || !result.messages.isEmpty)
        return result
    }
}

extension LLHTTP {
    /// llhttp leaves a target in absolute form as it is.
    private static func path(_ target: String) -> String {
        for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
            return String(target.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" })
        }
        return target
    }
}

extension String {
    /// Without what is outside ASCII: NIOHTTP1 repairs it as UTF-8.
    fileprivate var ascii: String { String(String.UnicodeScalarView(unicodeScalars.filter(\.isASCII))) }
}

/// The same numbers at each run.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
