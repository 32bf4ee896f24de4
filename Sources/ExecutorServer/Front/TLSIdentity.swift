// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL
internal import Synchronization

/// Files with the certificate chain and the private key of a listener, both PEM.
public struct TLSIdentity: Sendable, Hashable {
    /// The chain, the server's own certificate first.
    public var certificateFile: String
    /// The private key.
    public var keyFile: String

    /// An identity in files.
    public init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    func load() throws(FrontError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
            guard !chain.isEmpty else { throw FrontError("\(certificateFile) holds no certificate") }
            let key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["h2", "http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch let error as FrontError {
            throw error
        } catch {
            throw FrontError("no TLS with \(certificateFile) and \(keyFile): \(error)")
        }
    }
}

/// The TLS of a listener, which can be replaced while it serves.
final class TLSHolder: Sendable {
    private let context: Mutex<NIOSSLContext>

    init(_ context: NIOSSLContext) { self.context = Mutex(context) }

    var current: NIOSSLContext { context.withLock { $0 } }

    func replace(_ new: NIOSSLContext) { context.withLock { $0 = new } }
}
