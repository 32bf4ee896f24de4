// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Glibc
internal import Isolates

/// The `rookery` program.
public enum Rookery {
    /// Parses the command line, runs the command and ends the process with its exit status.
    public static func start() -> Never {
        StandardStreams.open()
        let status: ExitStatus
        do {
            var command = try Root.parseAsRoot(GrantOptions.completed(CommandLine.arguments.dropFirst()))
            try command.run()
            status = .finished
        } catch let ended as CommandEnded {
            if let message = ended.message { StandardError.write("rookery: \(message)\n") }
            status = ended.status
        } catch let fault as EngineError {
            StandardError.write("rookery: \(fault)\n")
            status = .ourFault
        } catch {
            let text = Root.fullMessage(for: error)
            if Root.exitCode(for: error) == .success {
                StandardOutput.write(text + "\n")
                status = .finished
            } else {
                StandardError.write(text + "\n")
                status = .wrongUsage
            }
        }
        exit(status.rawValue)
    }
}

/// The exit statuses that users rely on.
enum ExitStatus: Int32 {
    case finished = 0
    case uncaught = 1
    case wrongUsage = 2
    case cpuLimit = 3
    case wallLimit = 4
    case memoryLimit = 5
    case ourFault = 70
    /// 128 + SIGINT.
    case interrupted = 130
    /// 128 + SIGPIPE.
    case outputClosed = 141
    /// 128 + SIGTERM.
    case ended = 143
}

/// Ends the program with a status, and a message on standard error where there is one.
struct CommandEnded: Error {
    let status: ExitStatus
    let message: String?

    init(_ status: ExitStatus, _ message: String? = nil) {
        self.status = status
        self.message = message
    }
}

private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rookery", abstract: "Runs untrusted ES modules in V8 isolates with hard limits.",
        version: "0.1.0",
        subcommands: [
            Run.self, Dev.self, Serve.self, Deploy.self, List.self, Logs.self, Rollback.self, Delete.self, Top.self,
            Doctor.self, Bench.self, ShardCommand.self, ShardTrial.self,
        ])
}
