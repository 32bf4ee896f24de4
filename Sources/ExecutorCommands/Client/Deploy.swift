// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Registry

/// `rookery deploy`: bundles a worker and puts it into service.
struct Deploy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bundles a worker and puts it into service.",
        usage: "rookery deploy DIR|FILE [--name NAME] [options]",
        discussion: """
            FILE is the entry of a worker (.ts .tsx .mts .js .mjs .jsx); DIR has a rookery.json with the members name, \
            main, bindings, limits, crons, public and trust, or a package.json with main, or an index.ts. Packages of \
            node_modules become part of the bundle. What the command line says comes before what rookery.json says.

            Exit status: 0 in service, 1 refused or not reached, 2 wrong usage.
            """)

    @Argument(help: .init("The worker.", valueName: "DIR|FILE")) var source: String
    @Option(help: .init("The worker's name.", valueName: "NAME")) var name: String?
    @OptionGroup(title: "Server") var server: ClientOptions
    @Option(help: .init("Bindings by name, in JSON.", valueName: "FILE")) var bindings: String?
    @Option(
        help: .init(
            "Limits, such as cpuMilliseconds=50,memoryMiB=64, or a file of JSON; may be repeated.",
            valueName: "NAME=VALUE,…|FILE"))
    var limits: [String] = []
    @Option(help: .init("When scheduled() is called; may be repeated.", valueName: "EXPR")) var cron: [String] = []
    @Flag(help: "Other workers may import its modules.") var `public` = false
    @Flag(help: "Bundle and check, but send nothing.") var dryRun = false
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let session = try DeploySession(self)
        try Waiting.run { try await session.run() }
    }

    /// The worker's sources with what the options say of it.
    func worker() throws -> (name: String, source: WorkerSource) {
        var worker = try WorkerSource(source)
        if let bindings {
            try Self.reading(bindings) { () throws in try worker.project.add(bindings: OperatorFile(bindings).read()) }
        }
        for text in limits {
            guard text.contains("=") else {
                try Self.reading(text) { () throws in try worker.project.add(limits: OperatorFile(text).read()) }
                continue
            }
            for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else {
                    throw CommandEnded(.wrongUsage, "--limits takes NAME=VALUE,… or a file, not \"\(text)\"")
                }
                try Self.reading("--limits") {
                    try worker.project.add(limit: String(parts[0]), value: String(parts[1]))
                }
            }
        }
        for text in cron { try Self.reading("--cron \"\(text)\"") { try worker.project.add(cron: text) } }
        if self.public { worker.project.isPublic = true }
        guard let name = try name.map(ClientOptions.name) ?? worker.project.name?.description else {
            throw CommandEnded(.wrongUsage, "the worker has no name: give --name, or \"name\" in rookery.json")
        }
        return (name, worker)
    }

    private static func reading(_ place: String, _ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as ManifestError {
            throw CommandEnded(.wrongUsage, "\(place): \(error)")
        }
    }
}
