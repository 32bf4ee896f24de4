// SPDX-License-Identifier: Apache-2.0

// Grants in the words of a command line: lists with commas, and `*` for everything of a kind.

extension NetworkGrant {
    /// Parses what follows `--allow-net=`: hosts, perhaps with ports, and addresses.
    /// - Throws: `GrantError` for what is not.
    public init(commandLine text: String) throws(GrantError) {
        let items = try listItems(text, option: "--allow-net", what: "HOST or HOST:PORT")
        guard !items.contains("*") else {
            self = .everything
            return
        }
        var hosts: [HostPattern] = []
        for item in items {
            hosts.append(try parsed(item, option: "--allow-net") { item throws(GrantError) in try HostPattern(item) })
        }
        // A block says which addresses may be connected to, also by names that are granted.
        let blocks = hosts.compactMap { host -> AddressBlock? in
            guard case .block(let block) = host.name, host.port == nil else { return nil }
            return block
        }
        self.init(rules: [NetworkRule(anyOf: hosts)], addresses: AddressPolicy(granted: blocks))
    }
}

extension FileGrant {
    /// Parses what follows `--allow-read=` and `--allow-write=`: paths, relative ones from `folder`; `nil` where an
    /// option is not given. The grant is for a capability made for the folder `/`.
    /// - Parameters:
    ///   - read: the words of `--allow-read`.
    ///   - write: the words of `--allow-write`.
    ///   - folder: an absolute path.
    /// - Throws: `GrantError` for what is no path.
    public init(commandLineRead read: String?, write: String?, folder: String) throws(GrantError) {
        guard folder.utf8.first == UInt8(ascii: "/"), let current = FilePath(folder) else {
            throw GrantError("\(HostError.quote(folder)) is no absolute path of a folder")
        }
        func paths(_ text: String?, _ option: String) throws(GrantError) -> [String] {
            guard let text else { return [] }
            let items = try listItems(text, option: option, what: "PATH")
            guard !items.contains("*") else { return ["."] }
            var paths: [String] = []
            for item in items {
                guard let path = FilePath(item, in: current) else {
                    throw GrantError("\(option): \(HostError.quote(item)) is no path")
                }
                paths.append(path.relative)
            }
            return paths
        }
        self.init(read: try paths(read, "--allow-read"), write: try paths(write, "--allow-write"))
    }
}

extension EnvironmentGrant {
    /// Parses what follows `--allow-env=`: names.
    /// - Throws: `GrantError` for what cannot be a name.
    public init(commandLine text: String) throws(GrantError) {
        let items = try listItems(text, option: "--allow-env", what: "NAME")
        guard !items.contains("*") else {
            self.init(names: nil)
            return
        }
        for item in items where item.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }) {
            throw GrantError(
                "--allow-env: \(HostError.quote(item)) is no name of a variable; --env NAME=VALUE sets one")
        }
        self.init(names: Set(items))
    }
}

extension HostLimits {
    /// The standard limits with what `--max-subrequests` and `--max-egress-bytes` say, where they are given.
    /// - Throws: `GrantError` for what is no whole number from 0 to 2^40.
    public init(commandLineSubrequests subrequests: String?, egressBytes: String?) throws(GrantError) {
        self = .standard
        func set(_ quantity: Quantity, _ text: String?, _ option: String) throws(GrantError) {
            guard let text else { return }
            guard let number = Int(text), (0...(1 << 40)).contains(number) else {
                throw GrantError("\(option) takes a whole number from 0 to 2^40, not \(HostError.quote(text))")
            }
            self[quantity] = number
        }
        try set(.subrequests, subrequests, "--max-subrequests")
        try set(.egressBytes, egressBytes, "--max-egress-bytes")
    }
}

private func listItems(_ text: String, option: String, what: String) throws(GrantError) -> [String] {
    let items = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
        String(Substring($0))
    }
    guard items.allSatisfy({ !$0.isEmpty }) else {
        throw GrantError("\(option)=\(text) has an empty entry: give \(option)=\(what),…, or \(option) alone for all")
    }
    return items
}

private func parsed<T>(
    _ item: String, option: String, _ parse: (String) throws(GrantError) -> T
) throws(GrantError) -> T {
    do throws(GrantError) {
        return try parse(item)
    } catch {
        throw GrantError("\(option): \(error)")
    }
}
