// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser

/// `rookery run`: one ES module to its end.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one ES module to its end.",
        usage: "rookery run [options] FILE|- [-- ARGS…]",
        discussion: """
            FILE is JavaScript or TypeScript (.js .mjs .ts .mts .jsx .tsx), or - for JavaScript on standard input.
            Imports may not leave FILE's folder, unless --allow-import says so.

            Exit status: 0 finished, 1 uncaught error, 2 wrong usage, 3 CPU limit, 4 wall limit, 5 memory limit, \
            70 a fault of Rookery, 130 interrupted, 143 ended by SIGTERM, 141 standard output was closed.
            """)

    @Argument(help: "The program.") var file: String
    @Argument(parsing: .postTerminator, help: "What the program finds in process.argv.") var arguments: [String] = []

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Language") var language: LanguageOptions
    @OptionGroup(title: "Modules") var modules: ModuleOptions
    @OptionGroup(title: "Grants") var grants: GrantOptions
    @OptionGroup(title: "Request") var request: RequestOptions

    @Option(help: .init("A value in the script's environment.", valueName: "NAME=VALUE"))
    var env: [String] = []
    @Flag(help: "Time stands still while the script computes.") var freezeClock = false
    @Option(
        parsing: .unconditionalSingleValue, help: .init("Seeds Math.random and crypto.getRandomValues.", valueName: "N")
    ) var seed: [String] =
        []
    @Flag(help: "No machine code is generated.") var jitless = false
    @Flag(help: "Print nothing but one JSON object.") var json = false

    func run() throws {
        try RunSession(self).run()
    }
}

/// `--heap-limit`, `--cpu-limit`, `--wall-limit`. Texts, so that a wrong one gets our message.
struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: .init(
            "Total memory in MiB: V8 heap, ArrayBuffers, wasm, and what the system allocates for the program. 128 "
                + "unless given.", valueName: "MB"))
    var heapLimit: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: .init("CPU time in milliseconds, 0 for none. 10000 unless given.", valueName: "MS"))
    var cpuLimit: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: .init("Elapsed time in milliseconds, 0 for none. 60000 unless given.", valueName: "MS"))
    var wallLimit: [String] = []
}

/// What of the language a program gets: `--allow-eval`, `--no-wasm`.
struct LanguageOptions: ParsableArguments {
    @Flag(help: "eval, new Function and the like make code from strings.") var allowEval = false
    @Flag(help: "There is no WebAssembly.") var noWasm = false
}

/// `--import-map`, `--preload`, `--allow-import`.
struct ModuleOptions: ParsableArguments {
    @Option(help: .init("An import map.", valueName: "FILE")) var importMap: [String] = []
    @Option(help: .init("A classic script to run in the same context first; may be repeated.", valueName: "FILE"))
    var preload: [String] = []
    @Option(help: .init("A folder that modules may be imported from too; may be repeated.", valueName: "DIR"))
    var allowImport: [String] = []
}

/// What the program may do.
struct GrantOptions: ParsableArguments {
    /// Gives bare grants the value `*`, all of their kind: they take no word after them, it is the program's.
    static func completed(_ arguments: some Sequence<String>) -> [String] {
        var isOurs = true
        return arguments.map { argument in
            if argument == "--" { isOurs = false }
            let grants = ["--allow-net", "--allow-read", "--allow-write", "--allow-env"]
            guard isOurs else { return argument }
            // An empty list would take the next word for its value: as one with empty entries it is refused.
            if argument.hasSuffix("="), grants.contains(String(argument.dropLast())) { return argument + "," }
            return grants.contains(argument) ? argument + "=*" : argument
        }
    }

    @Option(help: .init("Network access.", valueName: "HOST[:PORT],…")) var allowNet: String?
    @Option(help: .init("Files to read.", valueName: "PATH,…")) var allowRead: String?
    @Option(help: .init("Files to write.", valueName: "PATH,…")) var allowWrite: String?
    @Option(help: .init("Variables of the environment.", valueName: "NAME,…")) var allowEnv: String?
    @Option(help: .init("Bindings by name, in JSON as a worker's manifest has them.", valueName: "FILE"))
    var bindings: String?
    @Option(help: .init("Where kv keeps its values; in memory unless given.", valueName: "DIR")) var data: String?
    @Option(parsing: .unconditional, help: .init("Requests a run may make. 50 unless given.", valueName: "N"))
    var maxSubrequests: String?
    @Option(parsing: .unconditional, help: .init("Bytes a run may send. 10485760 unless given.", valueName: "N"))
    var maxEgressBytes: String?
}

/// Numbers from the command line, with errors that say what is expected.
enum Numbers {
    /// The one value of an option that may be given once.
    static func single(_ values: [String], _ option: String) throws -> String? {
        guard Set(values).count <= 1 else {
            throw CommandEnded(.wrongUsage, "\(option) is given as \(values.joined(separator: " and ")): give it once")
        }
        return values.first
    }

    /// A whole number, at least `least`.
    static func whole(_ text: String, _ option: String, least: Int) throws -> Int {
        guard let number = Int(text), number >= least, number <= 1 << 40 else {
            throw CommandEnded(.wrongUsage, "\(option) takes a whole number from \(least) on, not \"\(text)\"")
        }
        return number
    }
}
