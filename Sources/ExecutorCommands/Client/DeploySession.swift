// SPDX-License-Identifier: Apache-2.0
internal import Egress
internal import FoundationEssentials
internal import Registry
internal import WorkerRuntime

/// One run of `rookery deploy`.
struct DeploySession: Sendable {
    private let name: String
    private let source: WorkerSource
    private let client: AdminClient
    private let isDry: Bool
    private let printsJSON: Bool

    /// Sizes in bytes.
    private struct Sizes: Encodable {
        let bundle: Int
        let gzip: Int
        let map: Int
    }

    private struct Report: Encodable {
        let name: String
        let version: Int?
        let url: String?
        let files: Int
        let sizes: Sizes
        let dryRun: Bool

        private enum Key: String, CodingKey { case name, version, url, files, sizes, dryRun }

        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Key.self)
            try object.encode(name, forKey: .name)
            try object.encode(version, forKey: .version)
            try object.encode(url, forKey: .url)
            try object.encode(files, forKey: .files)
            try object.encode(sizes, forKey: .sizes)
            try object.encode(dryRun, forKey: .dryRun)
        }
    }

    /// - Throws: `CommandEnded`, wrong usage: nothing is bundled or sent then.
    init(_ options: Deploy) throws {
        (name, source) = try options.worker()
        client = try options.server.client()
        isDry = options.dryRun
        printsJSON = options.json
    }

    func run() async throws {
        let bundle: Bundle
        do {
            bundle = try await Bundler(for: .production).bundle(source.entry, in: source.folder)
        } catch {
            if printsJSON { try Self.printFaults(error.faults) }
            throw CommandEnded(.failed, "the worker cannot be bundled\n\n" + SourceExcerpt.report(error.faults))
        }
        if !bundle.warnings.isEmpty { StandardError.write(SourceExcerpt.report(bundle.warnings) + "\n\n") }
        let sizes = Sizes(bundle: bundle.code.count, gzip: GzipSize.of(bundle.code), map: bundle.map.count)
        if !printsJSON { StandardOutput.write(Self.summary(source.entry, bundle, sizes) + "\n") }
        let manifest: [UInt8]
        do {
            manifest = try source.project.deployment(
                main: Bundle.moduleName,
                modules: [Bundle.moduleName: bundle.module])
        } catch {
            throw CommandEnded(.wrongUsage, error.description)
        }
        guard !isDry else {
            report(nil, url: nil, bundle, sizes)
            return
        }
        let version: AdminClient.Version
        do {
            version = try await client.deploy(manifest, as: name)
        } catch ClientError.refused(let refusal) where !refusal.problems.isEmpty {
            let report = RefusalReport(refusal, folder: source.folder)
            if printsJSON { try Self.printJSON(["error": report.object]) }
            throw CommandEnded(.failed, "\(name) was refused; the version in service stays\n\n" + report.text)
        }
        report(version, url: version.url ?? "http://\(name).localhost:8787/", bundle, sizes)
    }

    private func report(_ version: AdminClient.Version?, url: String?, _ bundle: Bundle, _ sizes: Sizes) {
        if printsJSON {
            try? Self.printJSON(
                Report(
                    name: name, version: version?.version, url: url, files: bundle.inputs.count, sizes: sizes,
                    dryRun: isDry))
        } else if let version, let url {
            StandardOutput.write(
                "\(name) version \(version.version) is in service\n\(TerminalText.line(url))\n")
        } else {
            StandardOutput.write("\(name) could be deployed; nothing was sent\n")
        }
    }

    private static func summary(_ entry: String, _ bundle: Bundle, _ sizes: Sizes) -> String {
        let own = bundle.inputs.count - bundle.packageFiles
        let files = "\(own) \(own == 1 ? "file" : "files")"
        let packages = bundle.packageFiles == 0 ? "" : " and \(bundle.packageFiles) of packages"
        return "bundled \(TerminalText.line(entry)): \(files)\(packages), \(ByteCount.text(sizes.bundle)), "
            + "\(ByteCount.text(sizes.gzip)) gzip"
    }

    private static func printFaults(_ faults: [BundleFault]) throws {
        let problems = faults.map {
            AdminRefusal.Problem(message: $0.message, file: $0.file, line: $0.line, column: $0.column)
        }
        try printJSON(
            ["error": ErrorObject(code: "bundle", message: "the worker cannot be bundled", problems: problems)])
    }

    private static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        StandardOutput.write(Array(try encoder.encode(value)) + [10])
    }
}

/// An error in the words of the admin API.
struct ErrorObject: Encodable {
    let code: String
    let message: String
    let problems: [AdminRefusal.Problem]
}

/// Sizes for people.
enum ByteCount {
    /// `512 B`, `1.5 KiB`, `12.0 MiB`, `3.2 GiB`.
    static func text(_ bytes: Int) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes) / 1024
        var unit = "KiB"
        for larger in ["MiB", "GiB", "TiB"] where value >= 1024 {
            value /= 1024
            unit = larger
        }
        return "\((value * 10).rounded() / 10) \(unit)"
    }
}
