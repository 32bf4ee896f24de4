// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Glibc

/// `rookery rollback`: takes an earlier version of a worker into service.
struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes an earlier version of a worker into service.",
        usage: "rookery rollback NAME [--version N] [options]")

    @Argument(help: "The worker.") var name: String
    @Option(
        parsing: .unconditionalSingleValue,
        help: .init("The version; the one before that in service, unless given.", valueName: "N"))
    var version: [String] = []
    @OptionGroup(title: "Server") var server: ClientOptions

    func run() throws {
        let name = try ClientOptions.name(name)
        let version = try Numbers.single(version, "--version").map { try Numbers.whole($0, "--version", least: 1) }
        let client = try server.client()
        let now = try Waiting.run { try await client.rollBack(name, to: version) }
        StandardOutput.write("\(name) version \(now.version) is in service\n")
    }
}

/// `rookery delete`: removes a worker.
struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes a worker with all its versions.", usage: "rookery delete NAME [--yes] [options]")

    @Argument(help: "The worker.") var name: String
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup(title: "Server") var server: ClientOptions

    func run() throws {
        let name = try ClientOptions.name(name)
        let client = try server.client()
        if !yes { try confirm(name, client.address) }
        try Waiting.run { try await client.delete(name) }
        StandardOutput.write("\(name) is removed\n")
    }

    private func confirm(_ name: String, _ address: AdminAddress) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandEnded(.wrongUsage, "nobody is there to confirm: give --yes to remove \(name)")
        }
        StandardError.write("remove \(name) and all its versions from \(address)? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandEnded(.failed, "\(name) stays")
        }
    }
}
