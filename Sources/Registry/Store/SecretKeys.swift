// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import FoundationEssentials

/// The keys that secrets are sealed with: the newest, and those before it while something is still sealed with them.
///
/// Their file has a line for each: its number and 32 bytes in Base64.
struct SecretKeys: Sendable {
    static let fileName = "secrets.key"

    /// A secret as it is stored.
    struct Sealed: Sendable, Hashable {
        /// The number of the key.
        let key: Int
        /// Nonce, ciphertext and tag of AES-GCM.
        let bytes: [UInt8]
    }

    private var keys: [Int: [UInt8]]
    /// The number of the key that seals.
    private(set) var newest: Int

    /// One new key.
    init() {
        newest = 1
        keys = [1: randomKey()]
    }

    /// Reads a file.
    /// - Throws: `wrongKey`, where it is not one of these.
    init(file: [UInt8], path: String) throws(RegistryError) {
        keys = [:]
        newest = 0
        for line in String(decoding: file, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[0]), number > newest,
                let key = Data(base64Encoded: String(words[1])), key.count == 32
            else { throw RegistryError(.wrongKey, "\(path): this is no file of keys; restore it from a copy") }
            keys[number] = Array(key)
            newest = number
        }
        guard newest > 0 else {
            throw RegistryError(.wrongKey, "\(path): there is no key in this file; restore it from a copy")
        }
    }

    var file: [UInt8] {
        let lines = keys.sorted { $0.key < $1.key }.map { number, key in
            "\(number) \(Data(key).base64EncodedString())\n"
        }
        return Array(lines.joined().utf8)
    }

    /// With one more key, which seals from now on.
    func rotated() -> SecretKeys {
        var rotated = self
        rotated.newest += 1
        rotated.keys[rotated.newest] = randomKey()
        return rotated
    }

    /// Without all keys but the newest.
    func retired() -> SecretKeys {
        var retired = self
        retired.keys = keys.filter { $0.key == newest }
        return retired
    }

    /// Seals a value with the newest key, for the place where it is kept: elsewhere it cannot be opened.
    func seal(_ value: [UInt8], for place: Place) throws -> Sealed {
        guard let key = keys[newest],
            let sealed = try AES.GCM.seal(value, using: SymmetricKey(data: key), authenticating: place.bytes).combined
        else { throw RegistryError(.failed, "a secret could not be sealed") }
        return Sealed(key: newest, bytes: Array(sealed))
    }

    /// Opens a value that was sealed for a place.
    /// - Throws: `wrongKey`, where its key is not here; `corrupt`, where it was changed or moved.
    func open(_ sealed: Sealed, for place: Place) throws(RegistryError) -> [UInt8] {
        guard let key = keys[sealed.key] else {
            throw RegistryError(
                .wrongKey,
                "\(place) was sealed with the key \(sealed.key), which is not in \(Self.fileName); restore it")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.bytes)
            return Array(try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: place.bytes))
        } catch {
            throw RegistryError(.corrupt, "\(place) cannot be opened: it was changed, or sealed with another key")
        }
    }

    /// What a value is kept for.
    enum Place: Sendable, CustomStringConvertible {
        /// The secret of a worker by its name.
        case secret(String, of: WorkerName)
        /// A value by which the database knows its keys.
        case check

        var description: String {
            switch self {
            case .secret(let name, let worker): "the secret \(quote(name)) of the worker \"\(worker)\""
            case .check: "the check of the keys"
            }
        }

        /// No name has a line end in it.
        fileprivate var bytes: [UInt8] {
            switch self {
            case .secret(let name, let worker): Array("rookery secret\n\(worker)\n\(name)".utf8)
            case .check: Array("rookery check".utf8)
            }
        }
    }
}
